"""Draw the anomalous images with the highest scores, their masks and their distance maps."""

from pathlib import Path

from oneclass import logs
from oneclass.figures import defects, style

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
categories = defects.load(files.indexes, files.scores, files.maps, params.transforms, params.sigma, params.norm)
style.save(*defects.figure_s2(categories), Path(snakemake.output.png).with_suffix(""))
