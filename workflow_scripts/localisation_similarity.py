"""Measure how alike normal and anomalous maps are before any training."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.files import atomic
from oneclass.localisation import category
from oneclass.localisation.source import open_maps
from oneclass.objective.similarity import similarity

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    categories = category.categories(source, table, params.task, params.classes)
    found = similarity([one.averaged() for one in categories])
with atomic(snakemake.output[0]) as path:
    found.assign(dataset=wildcards.dataset).to_parquet(path)
