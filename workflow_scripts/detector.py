"""Fit a detector to normal pictures, measure it, and write its folder."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.detector.fit import fit
from oneclass.detector.folder import write
from oneclass.detector.network import Trunk
from oneclass.devices import lease
from oneclass.features import backbone

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params = snakemake.params
table = index.read(Path(snakemake.input[0]))
network = backbone.load(**params.network)
with lease(snakemake.resources.gpu) as device:
    detector, findings = fit(
        table,
        params.class_name,
        Trunk(network, params.layers, params.joining),
        params.transform,
        **params.choices,
        seed=params.seed,
        workers=params.workers,
        device=device,
    )
write(
    detector,
    findings,
    dict(snakemake.output.items()),
    table,
    params.class_name,
    {key: params.network[key] for key in ("architecture", "activations")} | {"weights_sha256": network.sha256},
    params.transform,
    joining=params.joining,
    sigma=params.choices["sigma"],
    quantile=params.choices["quantile"],
)
