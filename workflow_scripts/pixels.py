"""Decode the images of a data set or pool once, for networks trained on pixels."""

from pathlib import Path

from oneclass import logs
from oneclass.data import index, pixels
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
table = index.read(Path(snakemake.input[0]))
with atomic(Path(snakemake.output[0])) as path:
    pixels.write(table, snakemake.params.size, path, snakemake.threads)
