"""Measure how alike normal and anomalous images are before any training."""

import pandas as pd
import torch

from oneclass import logs, tidy
from oneclass.data import index
from oneclass.devices import lease
from oneclass.objective import similarity

logs.to_file(snakemake.log[0])
torch.set_num_threads(snakemake.threads)
files, params = snakemake.input, snakemake.params
table, features = index.read(files.index), files.get("features")
with lease(snakemake.resources.get("gpu", 0)) as device:
    rows = similarity.run(table, features, params.classes, params.settings, device)
found = pd.DataFrame(rows).assign(dataset=snakemake.wildcards.dataset, protocol=params.settings["protocol"])
tidy.write(found, "metrics", snakemake.output[0])
