"""Index a data set, or a pool of outliers."""

from pathlib import Path

from oneclass import logs
from oneclass.data import build, index, tasks

logs.to_file(snakemake.log[0])
params = snakemake.params
built = build.build(snakemake.wildcards.images, params.options, Path(params.data_root), params.seed, snakemake.threads)
if params.classes is not None:
    tasks.validate(built, params.options["task"], params.classes, params.anomalies)
index.write(built, Path(snakemake.output[0]), params.state)
