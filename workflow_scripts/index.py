"""Index a data set."""

from pathlib import Path

from oneclass import logs
from oneclass.data import build, index

logs.to_file(snakemake.log[0])
options = snakemake.params.options
table = build.build(snakemake.wildcards.dataset, options, Path(snakemake.params.data_root), snakemake.params.seed)
index.validate(table, options["task"], snakemake.params.classes, snakemake.params.anomalies)
index.write(table, Path(table.attrs["root"]), Path(snakemake.output[0]))
