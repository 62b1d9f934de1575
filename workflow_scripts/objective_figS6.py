"""Draw the projected features under each kind of centre by t-SNE."""

from pathlib import Path

from oneclass import logs
from oneclass.figures import style, tsne
from oneclass.objective import results
from safetensors.torch import load_file

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
[data] = results.load_classes(files.features, files.index, params.task, [params.class_name], "cpu")
figure = tsne.figure_s6(data, load_file(files.models[0]), params.centers, params.dataset, params.seed)
style.save(*figure, Path(snakemake.output.png).with_suffix(""))
