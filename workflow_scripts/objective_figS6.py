"""Draw the projected features under each kind of centre by t-SNE."""

from pathlib import Path

from safetensors.numpy import load_file

from oneclass import logs
from oneclass.figures import style, tsne
from oneclass.objective import classes

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
[data] = classes.load(files.features, files.index, params.task, [params.class_name])
figure = tsne.figure_s6(data, load_file(files.models[0]), params.centers, params.dataset, params.seed)
style.save(*figure, Path(snakemake.output.png).with_suffix(""))
