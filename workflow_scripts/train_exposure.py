"""Train a sweep of paper 2 on one data set and pool, and score the test images."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.exposure import sweep
from oneclass.exposure.members import grid
from oneclass.exposure.training import Schedule, Seeds
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
table, pool = index.read(Path(files.index)), index.read(Path(files.pool_index))
settings = sweep.Settings(**params.settings)
with lease(snakemake.resources.gpu) as device:
    frame = sweep.run(
        grid(params.sweep, params.filters, params.classes),
        params.task,
        (table, sweep.Images(table, files.images, settings, device)),
        (
            sweep.Images(pool, files.pool_images, settings, device),
            sweep.Outliers(pool, pd.read_parquet(files.kept), pd.read_parquet(files.choice)),
        ),
        settings,
        Schedule(**params.schedule),
        Seeds(params.seed, wildcards.dataset),
        device=device,
        threads=snakemake.threads,
    )
described = {"dataset": wildcards.dataset, "pool": wildcards.pool, "backbone": params.backbone}
with atomic(Path(snakemake.output[0])) as path:
    frame.assign(**described).to_parquet(path, index=False)
