"""Score the test images by the methods that the projector is compared with."""

from oneclass import logs
from oneclass.objective import protocol_a, results

logs.to_file(snakemake.log[0])
params, wildcards = snakemake.params, snakemake.wildcards
classes = results.load_classes(snakemake.input.features, snakemake.input.index, params.task, params.classes, "cpu")
result = protocol_a.compare(classes, params.comparators)
results.write(result, snakemake.output, wildcards.dataset, wildcards.backbone, {})
