"""Train the paper's projectors, every variant of every class of a data set, and score the test images."""

import torch
from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import protocol_a, results
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards = snakemake.params, snakemake.wildcards
variants = grid(**params.variants, seeds=params.seeds)
with lease(snakemake.resources.gpu) as device:
    result = protocol_a.train_minibatch(
        results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, device),
        variants,
        protocol_a.Training(**params.training),
        dataset=wildcards.dataset,
        seed=params.seed,
        memory_mb=params.memory_mb,
        keep=protocol_a.keeper(params.variants["reference_norm"], params.figure_class),
    )
results.write(result, snakemake.output, wildcards.dataset, wildcards.backbone, params.training)
