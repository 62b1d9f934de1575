# paper 2: the best and the worst single outlier, by evolution and by random search


rule search:
    input:
        index="results/index/{dataset}.parquet",
        pool_index="results/index/{pool}.parquet",
        kept="results/outliers/{dataset}/{pool}/pool.parquet",
        images=lambda wildcards: stored_pixels(wildcards.dataset, wildcards.network),
        pool_images=lambda wildcards: stored_pixels(wildcards.pool, wildcards.network),
    output:
        "results/search/{dataset}/{pool}/{network}/{filter}/{method}/{normal}_{direction}.parquet",
    log:
        "results/logs/search/{dataset}/{pool}/{network}/{filter}/{method}/{normal}_{direction}.log",
    benchmark:
        "results/benchmarks/search/{dataset}/{pool}/{network}/{filter}/{method}/{normal}_{direction}.tsv"
    wildcard_constraints:
        method="|".join(SEARCH.methods),
        direction="best|worst|random",
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        # all images are held: of cbam_resnet18 in 256 pixels, 200 kB each
        mem_mb=lambda wildcards: 40000 if wildcards.network == "cbam_resnet18" else 8000,
        runtime=lambda wildcards: (
            10080 if wildcards.network == "cbam_resnet18" else 1440
        ),
    params:
        code=code("search"),
        place=lambda wildcards: {
            "dataset": wildcards.dataset,
            "pool": wildcards.pool,
            "network": wildcards.network,
            "task": CONFIG.datasets[wildcards.dataset].task,
            "class_name": wildcards.normal,
            "method": wildcards.method,
            "filter": wildcards.filter,
            "direction": wildcards.direction,
        },
        parameters=SEARCH.parameters(),
        schedule=SEARCH.schedule() | {"learning_rate": EXPOSURE.learning_rate},
        settings=network_settings,
        repetitions=SEARCH.seeds,
        scratch="results/search/.scratch",
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/search.py"
