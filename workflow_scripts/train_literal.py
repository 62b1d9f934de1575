"""Train both kinds of projector exactly as Algorithm 1 is written (Table S3)."""

import torch
from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import protocol_a, results
from oneclass.objective.variants import Variant

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards = snakemake.params, snakemake.wildcards
with lease(snakemake.resources.gpu) as device:
    result = protocol_a.train_literal(
        results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, device),
        ["conv1x1", "linear"],
        [Variant("normal", params.norm, seed=0)],
        protocol_a.Training(**params.training),
        dataset=wildcards.dataset,
        seed=params.seed,
    )
results.write(result, snakemake.output, wildcards.dataset, wildcards.backbone, params.training)
