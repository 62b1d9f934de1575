"""Draw the angles under the smallest and the largest norm."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import polar, style

logs.to_file(snakemake.log[0])
scores = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
style.save(*polar.figure_s4(scores, snakemake.params.classes), Path(snakemake.output.png).with_suffix(""))
