"""Turn zero-shot scores into AUROC: of the tables' template and methods, and of every template."""

import pandas as pd

from oneclass import logs
from oneclass.clip.scores import parts
from oneclass.evaluate import evaluate
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
files, params = snakemake.output, snakemake.params
metrics = evaluate(pd.read_parquet(snakemake.input[0]), params.resamples, params.seed)
for table, names in zip(metrics, (files.summaries, files.seeds), strict=True):
    for part, name in zip(parts(table, params.template), names, strict=True):
        with atomic(name) as path:
            part.to_parquet(path, index=False)
