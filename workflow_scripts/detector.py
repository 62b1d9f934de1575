"""Fit a detector to normal pictures, measure it, and write its folder."""

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.data.geometry import Geometry
from oneclass.data.readable import naming_all
from oneclass.detector.fit import fit
from oneclass.detector.folder import write
from oneclass.detector.network import FeatureExtractor
from oneclass.devices import lease
from oneclass.features import backbone

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params = snakemake.params
table, geometry = index.read(snakemake.input[0]), Geometry(**params.geometry)
network = backbone.load(**params.network)
network.require(params.layers, geometry.image_size)
with lease(snakemake.resources.gpu) as device, naming_all(table, params.workers):
    detector, findings = fit(
        table,
        params.class_name,
        FeatureExtractor(network, params.layers, params.aggregation),
        geometry,
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
    geometry,
    aggregation=params.aggregation,
    sigma=params.choices["sigma"],
    threshold_quantile=params.choices["threshold_quantile"],
)
