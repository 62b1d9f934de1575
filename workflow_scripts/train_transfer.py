"""Fine-tune an ImageNet network on the normal images of a data set, by each method, and score the test images."""

import json
from pathlib import Path

import pandas as pd
import torch

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.features import backbone
from oneclass.files import atomic
from oneclass.transfer import blocks, images, mean_shifted, panda, run
from oneclass.transfer.tuning import Schedule

logs.to_file(snakemake.log[0])
torch.set_num_threads(1)  # a core for each of the trainings, which run side by side
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
network, sha256 = backbone.pretrained(**params.weights)
split = blocks.split(network, sha256, params.blocks)
table, pool = index.read(Path(files.index)), None
with lease(snakemake.resources.gpu) as device:
    split = split.to(device)
    settings = params.transform | {"workers": params.workers, "memory_mb": params.memory_mb, "device": device}
    if params.pool:
        outliers = index.read(Path(files.pool_index))
        chosen = run.outliers(outliers, pd.read_parquet(files.kept), params.outliers, wildcards.dataset, params.seed)
        pool = images.load(chosen, split.front, **settings)
    methods = run.Methods(
        wildcards.dataset,
        split,
        images.load(table, split.front, **settings),
        pool,
        panda.Settings(**params.panda | {"schedule": Schedule(**params.panda["schedule"])}),
        mean_shifted.Settings(**params.mean_shifted | {"schedule": Schedule(**params.mean_shifted["schedule"])}),
        params.seed,
    )
    frame = run.run(methods, table, params.task, params.classes, params.repetitions, snakemake.threads)
# only what was trained with outliers has a pool
frame = frame.assign(
    dataset=wildcards.dataset,
    backbone=wildcards.backbone,
    pool=frame["outliers"].gt(0).map({True: params.pool, False: ""}),
)
with atomic(Path(snakemake.output.scores)) as path:
    frame.to_parquet(path, index=False)
with atomic(Path(snakemake.output.size)) as path:
    path.write_text(json.dumps({"trainable_parameters": split.parameters()}) + "\n")
