"""Search for the best and the worst outlier of one class, by evolution or at random."""

from pathlib import Path

from oneclass import logs, tidy
from oneclass.data import index, outliers
from oneclass.devices import lease
from oneclass.exposure.training import Recipe
from oneclass.search import job
from oneclass.search.evolution import Parameters
from oneclass.training.stores import Images, Pictures
from oneclass.training.trials import Seeds

logs.to_file(snakemake.log[0])
files, params, wildcards = snakemake.input, snakemake.params, snakemake.wildcards
settings = params.settings
table, pool = index.read(files.index), index.read(files.pool_index)
recipe = Recipe.create(settings, Seeds(params.seed, wildcards.dataset))
pictures = Pictures(recipe.architecture.network, **settings["pictures"])
place = {key: wildcards[key] for key in ("dataset", "pool", "class_name", "method", "filter")}
with lease(snakemake.resources.gpu) as device:
    images = Images(table, files.images, pictures, device)
    pool_images = Images(pool, files.pool_images, pictures, device, snakemake.threads)
    for output in snakemake.output:
        direction = Path(output).stem.rpartition("_")[2]
        history = job.run(
            job.RunSpec(task=settings["task"], options=settings["options"], direction=direction, **place),
            (table, images),
            (pool, pool_images),
            outliers.read(files.kept),
            recipe,
            pictures,
            Parameters(**settings["parameters"]),
            repetitions=settings["repetitions"],
            scratch=Path(params.scratch),
            device=device,
            threads=snakemake.threads,
        )
        tidy.write(history.assign(backbone=settings["backbone"]), "searches", output)
