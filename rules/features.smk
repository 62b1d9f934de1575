# index → features, in the HDF5 store


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
    threads: 8
    resources:
        gpu=1,
        mem_mb=3000,
        runtime=240,
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
