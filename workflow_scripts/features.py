"""Compute and cache the features of a data set or pool."""

from dataclasses import replace

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.data.geometry import Geometry
from oneclass.devices import lease
from oneclass.features import backbone
from oneclass.features.extract import extract
from oneclass.files import atomic
from oneclass.filters import Filter

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards = snakemake.params, snakemake.wildcards
filtered = Filter.parse(wildcards.filter, params.high_pass_width)
network = replace(backbone.load(**params.network), filter=filtered)
with lease(snakemake.resources.gpu) as device, atomic(snakemake.output[0]) as path:
    extract(
        index.read(snakemake.input.index),
        network,
        path,
        geometry=Geometry(**params.geometry),
        layers=params.layers,
        workers=params.workers,
        batch_size=params.batch_size,
        device=device,
        provenance={"backbone": wildcards.backbone, "filter": wildcards.filter},
    )
