"""Solve the training in closed form and score the test images."""

import torch
from oneclass import logs
from oneclass.objective import protocol_a, results

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards = snakemake.params, snakemake.wildcards
classes = results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, "cpu")
result = protocol_a.solve(classes, params.norms, protocol_a.TIMES)
results.write(result, snakemake.output, wildcards.dataset, wildcards.backbone, {"norms": params.norms})
