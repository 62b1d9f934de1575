# scores → metrics: AUROC of images, with intervals. Each part of the papers has a rule, all with the same script.

for STAGE in evaluations(PLAN):

    rule:
        name:
            f"{STAGE.name}_evaluate"
        message:
            "Turn scores into AUROC"
        input:
            lambda wildcards, stage=STAGE: stage.scores_of(wildcards),
        output:
            summary=f"results/metrics/{STAGE.pattern}.parquet",
            metrics=f"results/metrics/{STAGE.pattern}_repetitions.parquet",
        log:
            f"results/logs/{STAGE.pattern}_evaluate.log",
        wildcard_constraints:
            **STAGE.constraints,
        conda:
            "../envs/data.yaml"
        resources:
            mem_mb=4000,
            runtime=120,
        params:
            code=PLAN.code("evaluate"),
            resamples=STAGE.resamples,
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/evaluate.py"
