"""Lay out one of paper 1's tables."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.tables import objective, render

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
build = getattr(objective, snakemake.params.table)
references = [objective.Reference(**setting) for setting in snakemake.params.references]
table = build(summary, published.load("objective"), *references)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
