"""Train every repetition of a miniature CLIP, and its control, on the training images of a data set."""

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
files, params = snakemake.input, snakemake.params
table = index.read(files.index)
trained_on = (table.table["split"] == "train").to_numpy()
images = pixels.read(Path(files.pixels), table)[trained_on]
class_names = table.table["class_name"].to_numpy(object)[trained_on]
with lease(snakemake.resources.gpu) as device:
    for output in snakemake.output:
        model = Path(output).stem
        network = miniature.train(
            images,
            class_names,
            miniature.Plan(**params.plan),
            derive(params.seed, "miniature CLIP", snakemake.wildcards.clip, model),
            shuffled=model == SHUFFLED,
            device=device,
        )
        with atomic(output) as path:
            miniature.save(network, path, params.plan | {"model": model, "index_hash": table.hash})
