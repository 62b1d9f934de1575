"""Lay out one of paper 2's tables of single outliers."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.tables import render, search

logs.to_file(snakemake.log[0])
history = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
build = getattr(search, snakemake.params.table)
table = build(history, published.load("exposure"), snakemake.params.setup)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
