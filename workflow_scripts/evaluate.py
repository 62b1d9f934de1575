"""Turn scores into AUROC."""

from oneclass import logs, tidy
from oneclass.evaluate import evaluate

logs.to_file(snakemake.log[0])
summary, metrics = evaluate(tidy.read(snakemake.input, "scores"), snakemake.params.resamples, snakemake.params.seed)
tidy.write(summary, "summary", snakemake.output.summary)
tidy.write(metrics, "metrics", snakemake.output.metrics)
