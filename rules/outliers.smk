# pools of outliers → outliers chosen for a data set


rule choose_outliers:
    """Drop a data set's test images from a pool, and draw the outliers of every class and repetition."""
    input:
        dataset="results/index/{dataset}.parquet",
        pool="results/index/{pool}.parquet",
    output:
        pool="results/outliers/{dataset}/{pool}/pool.parquet",
        choice="results/outliers/{dataset}/{pool}/choice.parquet",
        dropped="results/outliers/{dataset}/{pool}/dropped.csv",
    log:
        "results/logs/outliers/{dataset}/{pool}.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        code=PLAN.code("choose_outliers"),
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        repetitions=lambda wildcards: PLAN.repetitions_of_outliers(
            wildcards.dataset, wildcards.pool
        ),
        largest=lambda wildcards: PLAN.most_outliers(wildcards.dataset, wildcards.pool),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/choose_outliers.py"
