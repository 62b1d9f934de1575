"""Measure how alike normal and anomalous images are before any training."""

from oneclass import logs
from oneclass.files import atomic
from oneclass.objective import classes
from oneclass.objective.similarity import similarity

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
table = similarity(classes.load(files.features, files.index, params.task, params.classes))
with atomic(snakemake.output[0]) as path:
    table.assign(dataset=snakemake.wildcards.dataset).to_parquet(path)
