"""Fine-tune a CLIP model with outliers, and score the test images."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.clip import fine_tuning, miniature, models
from oneclass.clip.prompts import Prompts
from oneclass.data import index
from oneclass.devices import lease
from oneclass.exposure.members import Member
from oneclass.exposure.sweep import Images, Outliers, Settings
from oneclass.exposure.training import Schedule, Seeds
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
table, pool = index.read(Path(files.index)), index.read(Path(files.pool_index))
settings = Settings(**params.settings)
augmented = bool(settings.augmentation)
with lease(snakemake.resources.gpu) as device:
    frame = fine_tuning.run(
        [
            Member(name, seed, "bce_cl", augmented=augmented)
            for seed in range(params.repetitions)
            for name in params.classes
        ],
        params.task,
        (table, Images(table, [files.images], settings, device)),
        (
            Images(pool, [files.pool_images], settings, device),
            Outliers(pool, pd.read_parquet(files.kept), pd.read_parquet(files.choice)),
        ),
        [miniature.load(Path(file)) for file in files.models] or [models.load(**params.model)],
        Prompts(**params.prompts),
        params.layers,
        Schedule(**params.schedule),
        Seeds(params.seed, wildcards.dataset),
        device=device,
        threads=snakemake.threads,
    )
described = {"dataset": wildcards.dataset, "pool": params.pool, "backbone": wildcards.clip}
with atomic(snakemake.output[0]) as path:
    frame.assign(**described).to_parquet(path, index=False)
