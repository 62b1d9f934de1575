"""Score the test images by the methods that the projector is compared with."""

from oneclass import logs
from oneclass.objective import classes, comparators, results

logs.to_file(snakemake.log[0])
params, wildcards, files = snakemake.params, snakemake.wildcards, snakemake.input
data = classes.load(files.features, files.index, params.task, params.classes)
result = comparators.run(data, params.comparators)
results.write(result, dict(snakemake.output.items()), wildcards.dataset, wildcards.backbone, {})
