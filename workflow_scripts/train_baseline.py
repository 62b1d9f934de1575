"""Train a system of another paper on the normal images of some classes of a data set, and score the test images."""

from typing import Any

import torch

from oneclass import logs, tidy
from oneclass.baselines import run
from oneclass.catalogue.records import load
from oneclass.data import index, outliers
from oneclass.data.geometry import Geometry
from oneclass.devices import lease
from oneclass.features.decode import decode_all
from oneclass.training.finished import resumable

logs.to_file(snakemake.log[0])
torch.set_num_threads(1)  # a core for each of the trainings, which run side by side
files, params, dataset = snakemake.input, snakemake.params, snakemake.wildcards.dataset
settings, geometry = params.settings, Geometry(**params.settings["geometry"])
needed: dict[str, Any] = {}
table = index.read(files.index)
if settings["pool"]:
    pool, kept = index.read(files.pool_index), outliers.read(files.kept)
    chosen = outliers.take(pool, kept, settings["outliers"], dataset, "baselines", params.seed)
    needed["outliers"] = decode_all(chosen, geometry, settings["workers"])
if settings["network"]:
    from oneclass.features import backbone

    needed["backbone"] = backbone.load(**settings["network"])
output, depends = snakemake.output[0], dict(params.items())
with (
    lease(snakemake.resources.get("gpu", 0)) as device,
    resumable(output, files, depends, device) as finished,
):
    frame = run.run(
        params.method,
        load(settings["module"]).score_images,
        table,
        decode_all(table, geometry, settings["workers"]),
        params.classes,
        settings,
        params.seed,
        finished,
        snakemake.threads,
        device,
        **needed,
    )
    tidy.write(frame.assign(dataset=dataset, pool=settings["pool"]), "scores", output)
