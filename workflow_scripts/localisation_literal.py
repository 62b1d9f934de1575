"""Train each kind of projector on multi-scale maps as the paper's loop does, and score the test images."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.localisation import category, reference, results
from oneclass.localisation.source import open_maps
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import Variant

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
result = results.start(table, params.task, params.classes, params.transform, params.sigma, params.norm)
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    reference.run(
        category.categories(source, table, params.task, params.classes),
        ["conv1x1", "linear"],
        Variant("normal", params.norm, 0),
        Adam(**params.adam),
        Seeds(params.seed, wildcards.dataset),
        **params.schedule,
        result=result,
    )
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, params.adam)
