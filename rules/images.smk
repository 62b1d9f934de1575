# images → index → pixels, and features in the HDF5 store; drawn defects; outliers chosen from a pool


rule draw_defects:
    """Draw defects on the normal test images of a data set."""
    input:
        lambda wildcards: PLAN.images.index(CONFIG.datasets[wildcards.dataset].base),
    output:
        directory("results/drawn/{dataset}"),
    log:
        "results/logs/drawn/{dataset}.log",
    benchmark:
        "results/benchmarks/drawn/{dataset}.tsv"
    wildcard_constraints:
        dataset="|".join(PLAN.images.drawn) or "(?!)",
    conda:
        "../envs/data.yaml"
    resources:
        **PRICE.resources("draw_defects"),
    params:
        code=PLAN.code("draw_defects"),
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        contrast=lambda wildcards: CONFIG.datasets[wildcards.dataset].defect_contrast,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/draw_defects.py"


rule index:
    """List the images of a data set, or of a pool of outliers, and how they are split."""
    input:
        lambda wildcards: PLAN.images.index_inputs(wildcards.images),
    output:
        "results/index/{images}.parquet",
    log:
        "results/logs/index/{images}.log",
    benchmark:
        "results/benchmarks/index/{images}.tsv"
    conda:
        "../envs/data.yaml"
    threads: lambda wildcards: CORES if wildcards.images in CONFIG.oe_pools else 1
    resources:
        **PRICE.resources("index"),
    params:
        code=PLAN.code("index"),
        options=lambda wildcards: PLAN.images.index_options(wildcards.images),
        state=lambda wildcards: PLAN.images.index_state(wildcards.images),
        classes=lambda wildcards: PLAN.images.checked_classes(wildcards.images),
        anomalies=lambda wildcards: PLAN.images.is_measured(wildcards.images),
        data_root=CONFIG.data_root,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/index.py"


rule pixels:
    """Decode the images of an index once, for networks trained on pixels."""
    input:
        "results/index/{images}.parquet",
    output:
        "results/pixels/{images}/{image_size}.h5",
    log:
        "results/logs/pixels/{images}/{image_size}.log",
    benchmark:
        "results/benchmarks/pixels/{images}/{image_size}.tsv"
    conda:
        "../envs/data.yaml"
    threads: CORES
    resources:
        **PRICE.resources("pixels"),
    params:
        code=PLAN.code("pixels"),
        image_size=lambda wildcards: int(wildcards.image_size),
    script:
        "../workflow_scripts/pixels.py"


rule features:
    """Compute and cache the features of an index by a frozen backbone."""
    input:
        index="results/index/{images}.parquet",
    output:
        "results/features/{images}/{backbone}/{filter}.h5",
    log:
        "results/logs/features/{images}/{backbone}/{filter}.log",
    benchmark:
        "results/benchmarks/features/{images}/{backbone}/{filter}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("features"),
        gpu=1,
    params:
        code=PLAN.code("features"),
        geometry=lambda wildcards: PLAN.images.geometry(wildcards.images),
        network=lambda wildcards: CONFIG.backbones[wildcards.backbone].network(),
        layers=lambda wildcards: CONFIG.layers(wildcards.images, wildcards.backbone),
        high_pass_width=CONFIG.exposure.high_pass_width if CONFIG.exposure else "2m",
        batch_size=CONFIG.features.batch_size,
        workers=CONFIG.features.workers,
    script:
        "../workflow_scripts/features.py"


if PLAN.exposure or PLAN.clip or PLAN.transfer or PLAN.baselines:

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
        benchmark:
            "results/benchmarks/outliers/{dataset}/{pool}.tsv"
        conda:
            "../envs/data.yaml"
        threads: CORES
        resources:
            **PRICE.resources("choose_outliers"),
        params:
            code=PLAN.code("choose_outliers"),
            classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
            repetitions=lambda wildcards: PLAN.repetitions_of_outliers(
                wildcards.dataset, wildcards.pool
            ),
            largest=lambda wildcards: PLAN.most_outliers(
                wildcards.dataset, wildcards.pool
            ),
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/choose_outliers.py"
