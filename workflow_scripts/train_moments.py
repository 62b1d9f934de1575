"""Train the projectors by exact full-batch gradients and score the test images."""

import torch

from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import classes, moments, results, training
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
data = classes.load(files.features, files.index, params.task, params.classes)
with lease(snakemake.resources.gpu) as device:
    result = moments.run(
        training.to_device(data, device),
        grid(params.norms, params.reference_norm, ["normal"], params.repetitions),
        training.Adam(**params.adam),
        training.Seeds(params.seed, wildcards.dataset),
        **params.schedule,
        keep=training.keeper(params.reference_norm),
    )
settings = params.adam | params.schedule | {"seed": params.seed}
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
