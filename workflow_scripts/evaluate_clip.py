"""Turn zero-shot scores into AUROC: of the tables' prompt and methods, and of every prompt."""

from oneclass import logs, tidy
from oneclass.clip.scores import parts
from oneclass.evaluate import evaluate

logs.to_file(snakemake.log[0])
files, params = snakemake.output, snakemake.params
found = evaluate(tidy.read(snakemake.input, "scores"), params.resamples, params.seed)
for table, kind, names in zip(found, ("summary", "metrics"), (files.summaries, files.metrics), strict=True):
    for part, name in zip(parts(table, params.template), names, strict=True):
        tidy.write(part, kind, name)
