"""Draw sample images."""

from pathlib import Path

from oneclass import logs
from oneclass.data import index
from oneclass.figures import samples, style

logs.to_file(snakemake.log[0])
indexes = [index.read(Path(path)) for path in snakemake.input]
params = snakemake.params
figure = samples.figure_s1(indexes, params.tasks, params.classes, params.seed)
style.save(*figure, Path(snakemake.output.png).with_suffix(""))
