"""Judge the claims of both papers by what this run found."""

from pathlib import Path

from oneclass import logs
from oneclass.claims.make import make

logs.to_file(snakemake.log[0])
reads = {name: [paths] if isinstance(paths, str) else list(paths) for name, paths in snakemake.input.items()}
make(reads, Path(snakemake.output[0]).with_suffix(""), **snakemake.params.settings)
