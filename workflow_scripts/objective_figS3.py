"""Draw anomalous images that are hardly found and normal ones that look anomalous, with their distance maps."""

from pathlib import Path

from oneclass import logs
from oneclass.figures import defects, style

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
categories = defects.load(files.indexes, files.scores, files.maps, params.transforms, params.sigma, params.norm)
style.save(*defects.figure_s3(categories), Path(snakemake.output.png).with_suffix(""))
