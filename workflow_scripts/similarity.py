"""Measure how alike normal and anomalous images are before any training."""

from pathlib import Path

from oneclass import logs
from oneclass.files import atomic
from oneclass.objective import protocol_a, results

logs.to_file(snakemake.log[0])
params = snakemake.params
classes = results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, "cpu")
with atomic(Path(snakemake.output[0])) as path:
    protocol_a.similarity(classes).assign(dataset=snakemake.wildcards.dataset).to_parquet(path)
