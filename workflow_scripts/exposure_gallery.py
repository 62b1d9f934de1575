"""Show the best and the worst outliers that searches found."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.data import index
from oneclass.figures import galleries, style

logs.to_file(snakemake.log[0])
params = snakemake.params
history = pd.concat([pd.read_parquet(path) for path in snakemake.input.histories], ignore_index=True)
indexes = [index.read(Path(path)) for path in snakemake.input.indexes]
data = galleries.chosen(history, params.figure, indexes, params.seed)
figure = galleries.draw(data, indexes, params.sides, params.reading)
style.save(figure, data, Path(snakemake.output.png).with_suffix(""))
