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
params, repetition = snakemake.params, snakemake.wildcards.repetition
table = index.read(Path(snakemake.input.index))
trained_on = (table["split"] == "train").to_numpy()
with lease(snakemake.resources.gpu) as device:
    network = miniature.train(
        pixels.read(Path(snakemake.input.pixels), table)[trained_on],
        table["class_name"].to_numpy(object)[trained_on],
        miniature.Plan(**params.plan),
        derive(params.seed, "miniature CLIP", snakemake.wildcards.clip, repetition),
        shuffled=repetition == SHUFFLED,
        device=device,
    )
with atomic(snakemake.output[0]) as path:
    miniature.save(network, path, params.plan | {"repetition": repetition, "index_hash": table.attrs["hash"]})
