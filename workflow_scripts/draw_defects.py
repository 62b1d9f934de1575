"""Draw defects on the normal test images of a data set."""

from pathlib import Path

from oneclass import logs
from oneclass.data import drawing, index, readable

logs.to_file(snakemake.log[0])
base, params = index.read(snakemake.input[0]), snakemake.params
with readable.naming_all(base, snakemake.threads):
    drawing.write_dataset(base, params.classes, Path(snakemake.output[0]), params.contrast, params.seed)
