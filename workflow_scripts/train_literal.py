"""Train both kinds of projector exactly as Algorithm 1 is written (Table S3)."""

import torch

from oneclass import logs
from oneclass.devices import lease
from oneclass.objective import classes, reference, results, training
from oneclass.objective.variants import Variant

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
data = classes.load(files.features, files.index, params.task, params.classes)
with lease(snakemake.resources.gpu) as device:
    result = reference.run(
        training.to_device(data, device),
        ["conv1x1", "linear"],
        Variant("normal", params.norm, seed=0),
        training.Adam(**params.adam),
        training.Seeds(params.seed, wildcards.dataset),
        **params.schedule,
    )
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, {})
