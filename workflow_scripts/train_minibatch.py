"""Train the paper's projectors, every variant of every class of a data set, and score the test images."""

import torch

from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import classes, minibatch, results, training
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
data = classes.load(files.features, files.index, params.task, params.classes)
with lease(snakemake.resources.gpu) as device:
    result = minibatch.run(
        training.to_device(data, device),
        grid(**params.variants, seeds=params.repetitions),
        training.Adam(**params.adam),
        training.Seeds(params.seed, wildcards.dataset),
        **params.schedule,
        memory_mb=params.memory_mb,
        keep=training.keeper(params.variants["reference_norm"], params.figure_class),
    )
settings = params.adam | params.schedule | {"seed": params.seed}
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
