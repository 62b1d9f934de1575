"""Train a sweep of paper 2 on one data set and pool, and score the test images."""

from oneclass import logs, tidy
from oneclass.data import index, outliers
from oneclass.devices import lease
from oneclass.exposure import sweep
from oneclass.exposure.training import Recipe
from oneclass.training.finished import resumable
from oneclass.training.stores import Images, Outliers, Pictures
from oneclass.training.trials import Seeds, grid

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
settings = params.settings
table, pool = index.read(files.index), index.read(files.pool_index)
recipe = Recipe.create(settings, Seeds(params.seed, wildcards.dataset))
pictures = Pictures(recipe.architecture.network, **settings["pictures"])
output = snakemake.output[0]
with lease(snakemake.resources.gpu) as device, resumable(output, files, dict(params.items()), device) as finished:
    frame = sweep.run(
        grid(settings["sweep"], settings["filters"], params.classes),
        settings["task"],
        (table, Images(table, files.images, pictures, device)),
        (
            Images(pool, files.pool_images, pictures, device, snakemake.threads),
            Outliers(pool, outliers.read(files.kept), outliers.read(files.choice)),
        ),
        recipe,
        finished,
        device=device,
        threads=snakemake.threads,
    )
    described = {"dataset": wildcards.dataset, "pool": wildcards.pool, "backbone": settings["backbone"]}
    tidy.write(frame.assign(**described), "scores", output)
