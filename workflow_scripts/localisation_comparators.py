"""Score the test images by the methods that the projector is compared with, on the same maps."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.localisation import category, comparators, results
from oneclass.localisation.source import open_maps

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
result = results.start(table, params.task, params.classes, params.transform, params.sigma, 0)
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    categories = category.categories(source, table, params.task, params.classes)
    comparators.run(categories, params.comparators, params.seed, result)
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, params.maps)
