"""Draw AUROC against the magnitude of a filter, above sample images filtered so."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.data import index
from oneclass.figures import frequencies, style

logs.to_file(snakemake.log[0])
params = snakemake.params
summary = pd.concat([pd.read_parquet(path) for path in snakemake.input.metrics], ignore_index=True)
indexes = [index.read(Path(path)) for path in snakemake.input.indexes]
pictures = frequencies.samples(summary, params.figure, indexes, params.sides, params.reading, params.seed)
style.save(*frequencies.draw(summary, params.figure, pictures), Path(snakemake.output.png).with_suffix(""))
