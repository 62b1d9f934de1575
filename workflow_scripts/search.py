"""Search for the best or the worst outlier of one class, or at random."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.data import index
from oneclass.devices import lease
from oneclass.exposure.sweep import Images, Settings
from oneclass.exposure.training import Schedule
from oneclass.files import atomic
from oneclass.search import job
from oneclass.search.evolution import Parameters

logs.to_file(snakemake.log[0])
files, params = snakemake.input, snakemake.params
table, pool = index.read(Path(files.index)), index.read(Path(files.pool_index))
settings = Settings(**params.settings)
with lease(snakemake.resources.gpu) as device:
    history = job.run(
        job.Place(**params.place),
        (table, Images(table, [files.images], settings, device)),
        (pool, Images(pool, [files.pool_images], settings, device)),
        pd.read_parquet(files.kept),
        settings,
        Schedule(**params.schedule),
        Parameters(**params.parameters),
        seed=params.seed,
        repetitions=params.repetitions,
        scratch=Path(params.scratch),
        device=device,
        threads=snakemake.threads,
    )
with atomic(Path(snakemake.output[0])) as path:
    history.to_parquet(path, index=False)
