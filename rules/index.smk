# images → index


rule index:
    output:
        "results/index/{dataset}.parquet",
    log:
        "results/logs/index/{dataset}.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("index"),
        options=lambda wildcards: CONFIG.datasets[wildcards.dataset].model_dump(
            exclude={"transform"}
        ),
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        data_root=CONFIG.data_root,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/index.py"
