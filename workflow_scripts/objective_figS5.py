"""Draw AUROC against the norm for every class."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import norms, style

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
style.save(*norms.figure_s5(summary), Path(snakemake.output.png).with_suffix(""))
