"""Learn from one image at a time, in one pass, and test along the way (Protocol C)."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.localisation import category, online, results
from oneclass.localisation.evaluate import category_masks
from oneclass.localisation.source import open_maps
from oneclass.objective.training import Adam, Seeds
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
table = index.read(Path(files.index))
result = results.start(table, params.task, params.classes, params.transform, params.sigma, params.reference_norm)
masks = {name: category_masks(table, params.task, name, **params.transform) for name in params.classes}
with lease(snakemake.resources.gpu) as device:
    source = open_maps(table, files.get("features"), params.network, params.transform, **params.maps, device=device)
    online.run(
        category.categories(source, table, params.task, params.classes),
        grid(params.norms, params.reference_norm, ["normal"], params.repetitions),
        Adam(**params.adam),
        Seeds(params.seed, wildcards.dataset),
        {name: truth for name, truth in masks.items() if truth is not None},
        params.memory_mb,
        result,
    )
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, params.adam)
