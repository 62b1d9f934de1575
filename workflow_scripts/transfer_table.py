"""Lay out one of paper 2's tables on transfer learning and CLIP."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.tables import render, transfer

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
build = getattr(transfer, snakemake.params.table)
table = build(summary, published.load("exposure"), snakemake.params.setup)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
