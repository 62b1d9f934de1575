"""Draw CLIP's AUROC by class and prompt."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import prompts, style

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
style.save(*prompts.draw(summary), Path(snakemake.output.png).with_suffix(""))
