"""Decode the images of a data set or pool once, for networks trained on pixels."""

from oneclass import logs
from oneclass.data import index, pixels
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
table = index.read(snakemake.input[0])
with atomic(snakemake.output[0]) as path:
    pixels.write(table, snakemake.params.image_size, path, snakemake.threads)
