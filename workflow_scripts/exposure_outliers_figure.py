"""Draw AUROC against a number: of outliers, of their classes, or Focal's γ."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import outliers, style

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input.metrics], ignore_index=True)
draw = getattr(outliers, snakemake.params.figure)
style.save(*draw(summary), Path(snakemake.output.png).with_suffix(""))
