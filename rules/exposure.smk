# paper 2: networks trained on pixels or frozen features, with outliers chosen from pools → scores → metrics


rule train_exposure:
    input:
        index="results/index/{dataset}.parquet",
        pool_index="results/index/{pool}.parquet",
        kept="results/outliers/{dataset}/{pool}/pool.parquet",
        choice="results/outliers/{dataset}/{pool}/choice.parquet",
        images=lambda wildcards: stores(wildcards, wildcards.dataset),
        pool_images=lambda wildcards: stores(wildcards, wildcards.pool),
    output:
        "results/scores/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.parquet",
    log:
        "results/logs/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.log",
    benchmark:
        "results/benchmarks/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=1440,
    params:
        code=code("train_exposure"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(EXPOSURE),
        sweep=lambda wildcards: sweep_of(wildcards).model_dump(exclude={"runs"}),
        filters=filters_of,
        schedule=lambda wildcards: (
            sweep_of(wildcards).schedule() | {"learning_rate": EXPOSURE.learning_rate}
        ),
        settings=network_settings,
        backbone=lambda wildcards: (
            EXPOSURE.backbone if wildcards.network == "head" else ""
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_exposure.py"


rule evaluate_exposure:
    input:
        every_part(
            "results/scores/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.parquet",
            EXPOSURE,
        ),
    output:
        "results/metrics/exposure/{sweep}/{dataset}/{pool}/{network}.parquet",
        "results/metrics/exposure/{sweep}/{dataset}/{pool}/{network}_seeds.parquet",
    log:
        "results/logs/exposure/{sweep}/{dataset}/{pool}/{network}_evaluate.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code("evaluate"),
        resamples=EXPOSURE.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate.py"
