"""Lay out paper 1's main table."""

import json
from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.features import store
from oneclass.tables import objective, render

logs.to_file(snakemake.log[0])
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input.metrics], ignore_index=True)
reference = objective.Reference(**snakemake.params.reference)
dimension = store.dimension(Path(snakemake.input.features))
finetuned = None
if paths := snakemake.input.get("finetuned"):
    measured = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    [size] = snakemake.input.finetuned_size
    parameters = json.loads(Path(size).read_text())["trainable_parameters"]
    finetuned = objective.Finetuned(measured, parameters, snakemake.params.finetuned_note)
table = objective.table1(summary, published.load("objective"), reference, dimension, finetuned)
render.render(table, Path(snakemake.output.csv).with_suffix(""))
