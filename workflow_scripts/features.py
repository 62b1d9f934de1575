"""Compute and cache the features of a data set."""

from dataclasses import replace
from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.features import backbone
from oneclass.features.extract import extract
from oneclass.files import atomic
from oneclass.filters import Filter

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
network = replace(
    backbone.load(**snakemake.params.network),
    filter=Filter.parse(snakemake.wildcards.filter),
    reading=snakemake.params.reading,
)
with lease(snakemake.resources.gpu) as device, atomic(Path(snakemake.output[0])) as path:
    extract(
        index.read(Path(snakemake.input.index)),
        network,
        path,
        **snakemake.params.transform,
        layers=snakemake.params.layers,
        workers=snakemake.params.workers,
        batch_size=snakemake.params.batch_size,
        device=device,
        provenance={"backbone": snakemake.wildcards.backbone, "filter": snakemake.wildcards.filter},
    )
