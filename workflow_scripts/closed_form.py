"""Solve the training in closed form and score the test images."""

import torch

from oneclass import logs
from oneclass.objective import classes, closed_form, results, training

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
data = classes.load(files.features, files.index, params.task, params.classes)
result = closed_form.run(training.to_device(data, "cpu"), params.norms)
settings = {"norms": params.norms}
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
