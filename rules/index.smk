# images → index; where defects are drawn: index of the base → drawn images → index

DRAWN = [name for name, dataset in CONFIG.datasets.items() if dataset.base is not None]

# Data sets whose anomalous test images something is measured on; pictures for a detector or to draw on may have none.
MEASURED = {
    name
    for section in (OBJECTIVE, LOCALISATION)
    if section is not None
    for name in section.named()["data set"]
} | {
    *(run.dataset for run in (EXPOSURE.runs() if EXPOSURE else [])),
    *(run.dataset for run in (SEARCH.runs if SEARCH else [])),
    *(CLIP.datasets if CLIP else []),
    *(TRANSFER.datasets if TRANSFER else []),
}


rule draw_defects:
    input:
        lambda wildcards: f"results/index/{CONFIG.datasets[wildcards.dataset].base}.parquet",
    output:
        directory("results/drawn/{dataset}"),
    log:
        "results/logs/drawn/{dataset}.log",
    wildcard_constraints:
        dataset="|".join(DRAWN) or "(?!)",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("draw_defects"),
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        strength=lambda wildcards: CONFIG.datasets[wildcards.dataset].strength,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/draw_defects.py"


rule index:
    input:
        lambda wildcards: (
            f"results/drawn/{wildcards.dataset}" if wildcards.dataset in DRAWN else []
        ),
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
        options=index_options,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        anomalies=lambda wildcards: wildcards.dataset in MEASURED,
        data_root=CONFIG.data_root,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/index.py"
