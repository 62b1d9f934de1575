# paper 2: pools of outliers → outliers chosen → networks trained on pixels or frozen features → scores → metrics


rule index_pool:
    output:
        "results/index/{pool}.parquet",
    log:
        "results/logs/index/{pool}.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("index_pool"),
        options=lambda wildcards: CONFIG.oe_pools[wildcards.pool].model_dump(
            exclude={"transform"}
        ),
        data_root=CONFIG.data_root,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/index_pool.py"


rule choose_outliers:
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
        code=code("outliers"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        # a search alone needs no choice, but the pool that is left
        repetitions=lambda wildcards: max(
            [sweep.seeds for sweep in sweeps_of(wildcards)], default=1
        ),
        largest=lambda wildcards: max(
            [sweep.largest() for sweep in sweeps_of(wildcards)], default=0
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/outliers.py"


rule pixels:
    input:
        "results/index/{images}.parquet",
    output:
        "results/pixels/{images}/{size}.h5",
    log:
        "results/logs/pixels/{images}/{size}.log",
    conda:
        "../envs/data.yaml"
    threads: 8
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        code=code("pixels"),
        size=lambda wildcards: int(wildcards.size),
    script:
        "../workflow_scripts/pixels.py"


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
        classes=of_exposure(classes_of),
        sweep=lambda wildcards: sweep_of(wildcards).model_dump(exclude={"runs"}),
        filters=filters_of,
        schedule=lambda wildcards: (
            sweep_of(wildcards).schedule() | {"learning_rate": EXPOSURE.learning_rate}
        ),
        settings=lambda wildcards: {
            "network": wildcards.network,
            "width": EXPOSURE.width,
            "augmentation": EXPOSURE.augmentation,
            "reading": EXPOSURE.high_pass,
        },
        backbone=lambda wildcards: (
            EXPOSURE.backbone if wildcards.network == "head" else ""
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_exposure.py"


rule evaluate_exposure:
    input:
        lambda wildcards: expand(
            "results/scores/exposure/{sweep}/{dataset}/{pool}/{network}/{part}.parquet",
            part=parts(wildcards.dataset, EXPOSURE),
            **wildcards,
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
