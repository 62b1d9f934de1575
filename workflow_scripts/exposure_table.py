"""Lay out one of paper 2's tables."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.tables import exposure, render

logs.to_file(snakemake.log[0])
frames = [pd.read_parquet(path) for path in snakemake.input]
summary = pd.concat(frames, ignore_index=True) if frames else exposure.NOTHING
build = getattr(exposure, snakemake.params.table)
table = build(summary, published.load("exposure"), snakemake.params.setup)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
