"""Train a miniature CLIP on the training images of a data set."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.clip import miniature
from oneclass.clip.scores import SHUFFLED
from oneclass.data import index, pixels
from oneclass.devices import lease
from oneclass.files import atomic
from oneclass.seeds import derive

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
files, params, model = snakemake.input, snakemake.params, snakemake.wildcards.model
table = index.read(files.index)
trained_on = (table.table["split"] == "train").to_numpy()
with lease(snakemake.resources.gpu) as device:
    network = miniature.train(
        pixels.read(Path(files.pixels), table)[trained_on],
        table.table["class_name"].to_numpy(object)[trained_on],
        miniature.Plan(**params.plan),
        derive(params.seed, "miniature CLIP", snakemake.wildcards.clip, model),
        shuffled=model == SHUFFLED,
        device=device,
    )
with atomic(snakemake.output[0]) as path:
    miniature.save(network, path, params.plan | {"model": model, "index_hash": table.hash})
