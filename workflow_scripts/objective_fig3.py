"""Draw AUROC against the norm."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import norms, style

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
style.save(*norms.figure3(summary), Path(snakemake.output.png).with_suffix(""))
