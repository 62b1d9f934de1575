"""Drop a data set's test images from a pool, and draw the outliers of every class and repetition."""

from oneclass import logs
from oneclass.data import index, outliers
from oneclass.files import atomic

logs.to_file(snakemake.log[0])
params, files = snakemake.params, snakemake.input
dataset, pool = index.read(files.dataset), index.read(files.pool)
kept, dropped = outliers.without_duplicates(dataset, pool, snakemake.threads)
largest = min(params.largest, len(kept))
choice = outliers.choose(kept, pool.name, dataset.name, params.classes, params.repetitions, largest, params.seed)
outliers.write(kept, snakemake.output.pool)
with atomic(snakemake.output.dropped) as path:
    dropped.to_csv(path, index=False, lineterminator="\n")
outliers.write(choice, snakemake.output.choice)
