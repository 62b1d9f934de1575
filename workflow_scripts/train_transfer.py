"""Fine-tune an ImageNet network on the normal images of a data set, by each method, and score the test images."""

import pyarrow as pa
import torch

from oneclass import logs, parquet, tidy
from oneclass.data import index, outliers
from oneclass.data.geometry import Geometry
from oneclass.devices import lease
from oneclass.features import backbone
from oneclass.training.finished import resumable
from oneclass.transfer import blocks, images, mean_shifted, panda, run
from oneclass.transfer.tuning import Descent

logs.to_file(snakemake.log[0])
torch.set_num_threads(1)  # a core for each of the trainings, which run side by side
files, settings, wildcards = snakemake.input, snakemake.params.settings, snakemake.wildcards
seed = snakemake.params.seed
network, sha256 = backbone.pretrained(**settings["weights"])
split = blocks.split(network, sha256, settings["blocks"])
table, pool, geometry = index.read(files.index), None, Geometry(**settings["geometry"])
output, depends = snakemake.output, dict(snakemake.params.items()) | {"weights": sha256}
with lease(snakemake.resources.gpu) as device, resumable(output.scores, files, depends, device) as finished:
    split = split.to(device)
    how = {"workers": settings["workers"], "memory_mb": settings["memory_mb"], "device": device}
    if settings["pool"]:
        kept = outliers.read(files.kept)
        chosen = outliers.take(
            index.read(files.pool_index), kept, settings["outliers"], wildcards.dataset, "transfer", seed
        )
        pool = images.load(chosen, split.front, geometry, **how)
    methods = run.Methods(
        wildcards.dataset,
        split,
        images.load(table, split.front, geometry, **how),
        pool,
        panda.Settings(**settings["panda"] | {"schedule": Descent(**settings["panda"]["schedule"])}),
        mean_shifted.Settings(
            **settings["mean_shifted"] | {"schedule": Descent(**settings["mean_shifted"]["schedule"])}
        ),
        seed,
    )
    frame = run.run(
        methods,
        table,
        settings["task"],
        settings["classes"],
        settings["repetitions"],
        finished,
        snakemake.threads,
    )
    # only what was trained with outliers has a pool
    pools = frame["outlier_count"].gt(0).map({True: settings["pool"], False: None})
    described = {"dataset": wildcards.dataset, "backbone": wildcards.backbone, "pool": pools}
    tidy.write(frame.assign(**described), "scores", output.scores)
    parquet.write(pa.table({"trainable_parameters": [split.parameters()]}), {}, output.size)
