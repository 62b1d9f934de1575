"""Lay out paper 1's main table."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.features import store
from oneclass.tables import objective, render

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input.metrics], ignore_index=True)
reference = objective.Reference(**snakemake.params.reference)
dimension = store.dimension(Path(snakemake.input.features))
table = objective.table1(summary, published.load("objective"), reference, dimension)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
