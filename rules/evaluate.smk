# scores → metrics: AUROC of images, with intervals. Each part of the papers has a rule, all with the same script.

for PART in PLAN.evaluated:

    rule:
        """Turn scores into AUROC."""
        name:
            f"{PART.name}_evaluate"
        input:
            lambda wildcards, part=PART: part.evaluated(wildcards),
        output:
            summary=f"results/metrics/{PART.pattern}.parquet",
            metrics=f"results/metrics/{PART.pattern}_repetitions.parquet",
        log:
            f"results/logs/{PART.pattern}_evaluate.log",
        benchmark:
            f"results/benchmarks/{PART.pattern}_evaluate.tsv"
        conda:
            "../envs/data.yaml"
        resources:
            **PRICE.resources(f"{PART.name}_evaluate"),
        params:
            code=PLAN.code("evaluate"),
            resamples=PART.resamples,
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/evaluate.py"
