# pools of outliers → outliers chosen; and pixels, for networks trained on them


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
        repetitions=repetitions_of,
        largest=lambda wildcards: max(
            (sweep.largest() for sweep in sweeps_of(wildcards)), default=0
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
