"""Draw the feasible domain of the norm."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import feasible, style

logs.to_file(snakemake.log[0])
files = snakemake.input
summary = pd.concat([pd.read_parquet(path) for path in files.metrics], ignore_index=True)
pooled = [pd.read_parquet(path) for path in files.similarity]
multi_scale = [pd.read_parquet(path).assign(protocol="B") for path in files.map_similarity]
similarity = pd.concat([*pooled, *multi_scale], ignore_index=True)
figure = feasible.figure4(summary, similarity, snakemake.params.feasible)
style.save(*figure, Path(snakemake.output.png).with_suffix(""))
