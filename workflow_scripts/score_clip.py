"""Zero-shot scores of a data set's test images from its embeddings."""

from pathlib import Path

from oneclass import logs
from oneclass.clip import scores, stored
from oneclass.clip.prompts import Prompts
from oneclass.data import index
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
table = index.read(Path(files.index))
embeddings = {Path(file).stem: stored.read(Path(file), table) for file in files.embeddings}
frame = scores.run(table, params.task, params.classes, embeddings, Prompts(**params.prompts))
with atomic(snakemake.output[0]) as path:
    frame.assign(dataset=wildcards.dataset, backbone=wildcards.clip).to_parquet(path, index=False)
