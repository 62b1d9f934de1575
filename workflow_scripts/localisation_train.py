"""Train projectors on multi-scale maps, by mini-batches or by all images at once, and score the test images."""

from functools import partial
from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.localisation import category, results, training
from oneclass.localisation.source import open_maps
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
grids = {centring: grid(**some, seeds=params.repetitions) for centring, some in params.grids.items()}
result = results.start(
    table, params.task, params.classes, params.transform, params.sigma, params.grids["none"]["reference_norm"]
)
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    training.run(
        category.categories(source, table, params.task, params.classes),
        wildcards.method,
        grids,
        partial(training.STEPS[wildcards.method], **params.schedule, memory_mb=params.memory_mb),
        Adam(**params.adam),
        Seeds(params.seed, wildcards.dataset),
        params.memory_mb,
        result,
    )
settings = params.adam | params.schedule | params.maps | {"seed": params.seed}
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
