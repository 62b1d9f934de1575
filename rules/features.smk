# index → features, in the HDF5 store


rule features:
    input:
        index="results/index/{dataset}.parquet",
    output:
        "results/features/{dataset}/{backbone}/{filter}.h5",
    log:
        "results/logs/features/{dataset}/{backbone}/{filter}.log",
    benchmark:
        "results/benchmarks/features/{dataset}/{backbone}/{filter}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=3000,
        runtime=240,
    params:
        code=code("features"),
        transform=lambda wildcards: CONFIG.datasets[
            wildcards.dataset
        ].transform.model_dump(),
        architecture=lambda wildcards: CONFIG.backbones[wildcards.backbone].architecture,
        weights=lambda wildcards: CONFIG.backbones[
            wildcards.backbone
        ].weights.model_dump(),
        layers=lambda wildcards: CONFIG.layers(wildcards.dataset, wildcards.backbone),
        batch_size=CONFIG.features.batch_size,
        workers=CONFIG.features.workers,
    script:
        "../workflow_scripts/features.py"
