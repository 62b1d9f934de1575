# images → systems of other papers, trained on the normal ones → scores. Each system has a rule, all with the same script.

for BASELINE in PLAN.baselines.methods.values():

    rule:
        name:
            f"baseline_{BASELINE.name}"
        input:
            unpack(
                lambda wildcards, method=BASELINE: PLAN.baselines.inputs(
                    wildcards.dataset, method
                )
            ),
        output:
            f"results/scores/baselines/{{dataset}}/{BASELINE.name}/{{part}}.parquet",
        log:
            f"results/logs/baselines/{{dataset}}/{BASELINE.name}/{{part}}.log",
        benchmark:
            f"results/benchmarks/baselines/{{dataset}}/{BASELINE.name}/{{part}}.tsv"
        conda:
            "../envs/torch.yaml"
        threads: CORES
        resources:
            **PRICE.resources(f"baseline_{BASELINE.name}"),
            **({"gpu": 1} if BASELINE.trained else {}),
        params:
            code=PLAN.code("train_baseline", BASELINE.module),
            method=BASELINE.name,
            classes=lambda wildcards: PLAN.baselines.classes(
                wildcards.dataset, wildcards.part
            ),
            settings=lambda wildcards, method=BASELINE: PLAN.baselines.settings(
                wildcards.dataset, method
            ),
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/train_baseline.py"

    workflow.get_rule(f"baseline_{BASELINE.name}").docstring = (
        f"Train {BASELINE.label} on the images of each class and score the test images"
    )
