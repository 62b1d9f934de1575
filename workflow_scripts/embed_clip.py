"""Embed a data set's images and prompts by every repetition of a CLIP model."""

from pathlib import Path

import torch

from oneclass import logs
from oneclass.clip import embeddings, miniature, models
from oneclass.clip.prompts import Prompts
from oneclass.data import index
from oneclass.devices import lease
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
files, params = snakemake.input, snakemake.params
table = index.read(files.index)
prompts = Prompts(**params.prompts).texts(sorted(table.table["class_name"].unique()))
clips = [miniature.load(Path(file)) for file in files.models] or [models.load(**params.model)]
with lease(snakemake.resources.gpu) as device:
    for clip, output in zip(clips, snakemake.output, strict=True):
        provenance = {"clip": snakemake.wildcards.clip, "model": Path(output).stem}
        with atomic(output) as path:
            embeddings.write(table, Path(files.pixels), params.image_size, clip, prompts, path, provenance, device)
