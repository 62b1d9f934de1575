"""Turn scores and distance maps into image and pixel metrics."""

from pathlib import Path

from oneclass import logs, tidy
from oneclass.data import index
from oneclass.data.geometry import Geometry
from oneclass.objective.localisation.evaluate import evaluate

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
summary, metrics = evaluate(
    tidy.read(files.scores, "scores"),
    [Path(path) for path in files.maps],
    index.read(files.index),
    params.settings["task"],
    Geometry(**params.settings["geometry"]),
    sigma=params.settings["sigma"],
    resamples=params.resamples,
    seed=params.seed,
)
tidy.write(summary, "summary", snakemake.output.summary)
tidy.write(metrics, "metrics", snakemake.output.metrics)
