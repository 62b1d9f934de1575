# images → index; where defects are drawn: index of the base → drawn images → index; index → pixels


rule draw_defects:
    """Draw defects on the normal test images of a data set."""
    input:
        lambda wildcards: PLAN.images.index(CONFIG.datasets[wildcards.dataset].base),
    output:
        directory("results/drawn/{dataset}"),
    log:
        "results/logs/drawn/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(PLAN.images.drawn) or "(?!)",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
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
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=PLAN.code("index"),
        options=lambda wildcards: PLAN.images.index_options(wildcards.images),
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
    conda:
        "../envs/data.yaml"
    threads: 8
    resources:
        mem_mb=2000,
        runtime=240,
    params:
        code=PLAN.code("pixels"),
        image_size=lambda wildcards: int(wildcards.image_size),
    script:
        "../workflow_scripts/pixels.py"
