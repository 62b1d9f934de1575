"""Turn scores into AUROC."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.evaluate import evaluate
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
scores = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
scores = scores.drop(columns=["z_norm", "z_cosine"], errors="ignore")
summary, per_seed = evaluate(scores, snakemake.params.resamples, snakemake.params.seed)
for table, path in zip((summary, per_seed), snakemake.output, strict=True):
    with atomic(Path(path)) as temporary:
        table.to_parquet(temporary)
