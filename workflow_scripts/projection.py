"""Average over seeds and classes how alike normal and anomalous images are after projection."""

import pandas as pd

from oneclass import logs
from oneclass.evaluate import summarise
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
wildcards = snakemake.wildcards
history = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
after = history[history["metric"].isin(["cosine", "norm_normal", "norm_anomalous"])].drop(columns="step")
with atomic(snakemake.output[0]) as path:
    summarise(after.assign(method=wildcards.method, backbone=wildcards.backbone, projector="conv1x1")).to_parquet(path)
