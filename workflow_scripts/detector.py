"""Fit a detector to normal pictures, measure it, and write its folder."""

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.data.geometry import Geometry
from oneclass.detector.make import make
from oneclass.devices import lease

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params = snakemake.params
with lease(snakemake.resources.gpu) as device:
    make(
        index.read(snakemake.input[0]),
        params.class_name,
        params.network,
        Geometry(**params.geometry),
        dict(snakemake.output.items()),
        layers=params.layers,
        aggregation=params.aggregation,
        choices=params.choices,
        seed=params.seed,
        workers=params.workers,
        device=device,
    )
