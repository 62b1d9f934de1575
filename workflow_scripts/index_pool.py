"""Index a pool of outliers."""

from pathlib import Path

from oneclass import logs
from oneclass.data import index, pools

logs.to_file(snakemake.log[0])
params = snakemake.params
table = pools.build(snakemake.wildcards.pool, params.options, Path(params.data_root), params.seed)
index.write(table, Path(table.attrs["root"]), Path(snakemake.output[0]))
