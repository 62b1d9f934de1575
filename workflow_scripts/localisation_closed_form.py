"""Solve the training on multi-scale maps in closed form and score the test images."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.localisation import category, closed_form, results
from oneclass.localisation.source import open_maps

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
result = results.start(table, params.task, params.classes, params.transform, params.sigma, params.reference_norm)
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    closed_form.run(category.categories(source, table, params.task, params.classes), params.norms, result)
settings = params.maps | {"norms": params.norms}
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
