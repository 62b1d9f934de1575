"""Turn scores and distance maps into image and pixel metrics."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.data import index
from oneclass.files import atomic
from oneclass.localisation.evaluate import evaluate

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
scores = pd.concat([pd.read_parquet(path) for path in files.scores], ignore_index=True)
both = evaluate(
    scores.drop(columns=["z_norm", "z_cosine"]),
    [Path(path) for path in files.maps],
    index.read(Path(files.index)),
    params.task,
    **params.transform,
    sigma=params.sigma,
    resamples=params.resamples,
    seed=params.seed,
)
for table, path in zip(both, snakemake.output, strict=True):
    with atomic(Path(path)) as temporary:
        table.to_parquet(temporary)
