"""Train the projectors by exact full-batch gradients and score the test images."""

import torch
from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import protocol_a, results
from oneclass.objective.variants import grid

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards = snakemake.params, snakemake.wildcards
with lease(snakemake.resources.gpu) as device:
    result = protocol_a.train_moments(
        results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, device),
        grid(params.norms, params.reference_norm, ["normal"], params.seeds),
        protocol_a.Training(**params.training),
        dataset=wildcards.dataset,
        seed=params.seed,
        keep=protocol_a.keeper(params.reference_norm),
    )
results.write(result, snakemake.output, wildcards.dataset, wildcards.backbone, params.training)
