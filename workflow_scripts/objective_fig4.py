"""Draw the feasible domain of the norm."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import feasible, style

logs.to_file(snakemake.log[0])
summary, similarity = (
    pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    for paths in (snakemake.input.metrics, snakemake.input.similarity)
)
figure = feasible.figure4(summary, similarity, snakemake.params.feasible)
style.save(*figure, Path(snakemake.output.png).with_suffix(""))
