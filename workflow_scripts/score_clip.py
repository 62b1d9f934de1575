"""Zero-shot scores of a data set's test images from its embeddings."""

from pathlib import Path

from oneclass import logs, tidy
from oneclass.clip import scores, stored
from oneclass.clip.prompts import Prompts
from oneclass.data import index

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
table = index.read(files.index)
embeddings = {Path(file).stem: stored.read(Path(file), table) for file in files.embeddings}
frame = scores.run(table, params.task, params.classes, embeddings, Prompts(**params.prompts))
tidy.write(frame.assign(dataset=wildcards.dataset, backbone=wildcards.clip), "scores", snakemake.output[0])
