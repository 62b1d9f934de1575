"""Fine-tune a CLIP model with outliers, and score the test images."""

from pathlib import Path

from oneclass import logs, tidy
from oneclass.catalogue.records import Network
from oneclass.clip import fine_tuning, miniature, models
from oneclass.clip.prompts import Prompts
from oneclass.data import index, outliers
from oneclass.devices import lease
from oneclass.training.batches import Schedule
from oneclass.training.finished import resumable
from oneclass.training.stores import Images, Outliers, Pictures
from oneclass.training.trials import Seeds, Trial

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
settings = params.settings
table, pool = index.read(files.index), index.read(files.pool_index)
pictures = Pictures(Network(**settings["network"]), **settings["pictures"])
clips = [miniature.load(Path(file)) for file in files.models] or [models.load(**params.model)]
output, depends = snakemake.output[0], dict(params.items()) | {"weights": [clip.sha256 for clip in clips]}
with lease(snakemake.resources.gpu) as device, resumable(output, files, depends, device) as finished:
    frame = fine_tuning.run(
        [
            Trial(name, repetition, "bce_cl", augmented=any(pictures.augmentations))
            for repetition in range(settings["repetitions"])
            for name in params.classes
        ],
        settings["task"],
        (table, Images(table, [files.images], pictures, device)),
        (
            Images(pool, files.pool_images, pictures, device, snakemake.threads),
            Outliers(pool, outliers.read(files.kept), outliers.read(files.choice)),
        ),
        clips,
        Prompts(**params.prompts),
        settings["layers"],
        Schedule(**settings["schedule"]),
        Seeds(params.seed, wildcards.dataset),
        finished,
        device=device,
        threads=snakemake.threads,
    )
    described = {"dataset": wildcards.dataset, "pool": settings["pool"], "backbone": wildcards.clip}
    tidy.write(frame.assign(**described), "scores", output)
