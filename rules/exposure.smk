# paper 2: networks trained on pixels or frozen features, with outliers chosen from pools → scores


rule train_exposure:
    """Train all methods of a sweep on one data set and pool, and score the test images."""
    input:
        index="results/index/{dataset}.parquet",
        pool_index="results/index/{pool}.parquet",
        kept="results/outliers/{dataset}/{pool}/pool.parquet",
        choice="results/outliers/{dataset}/{pool}/choice.parquet",
        images=lambda wildcards: PLAN.exposure.stores(
            wildcards.dataset, *PLAN.exposure.sweep_of(wildcards).runs
        ),
        pool_images=lambda wildcards: PLAN.exposure.stores(
            wildcards.pool, *PLAN.exposure.sweep_of(wildcards).runs
        ),
    output:
        "results/scores/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.parquet",
    log:
        "results/logs/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.log",
    benchmark:
        "results/benchmarks/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("train_exposure"),
        gpu=1,
    params:
        code=lambda wildcards: PLAN.code(
            "train_exposure",
            *PLAN.exposure.modules(
                wildcards.network, *PLAN.exposure.sweep_of(wildcards).methods
            ),
        ),
        classes=lambda wildcards: PLAN.exposure.classes(
            wildcards.dataset, wildcards.part
        ),
        settings=lambda wildcards: PLAN.exposure.settings(
            PLAN.exposure.sweep_of(wildcards)
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_exposure.py"
