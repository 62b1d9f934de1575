"""Run one method of paper 1, or all it is compared with, on some classes of a data set."""

import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.objective import fit, result

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
table, features = index.read(files.index), files.get("features")
textures = index.read(files.textures) if "textures" in dict(files.items()) else None
with lease(snakemake.resources.get("gpu", 0)) as device:
    found = fit.run(params.module, table, features, params.classes, params.settings, params.seed, device, textures)
settings = dict(params.settings) | {"seed": params.seed}
result.write(found, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, settings)
