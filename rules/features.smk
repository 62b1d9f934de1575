# index → features, in the HDF5 store


rule features:
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
        code=code("features"),
        transform=lambda wildcards: CONFIG.images(
            wildcards.images
        ).transform.model_dump(),
        network=network_of,
        layers=lambda wildcards: CONFIG.layers(wildcards.images, wildcards.backbone),
        reading=EXPOSURE.high_pass if EXPOSURE else "code",
        batch_size=CONFIG.features.batch_size,
        workers=CONFIG.features.workers,
    script:
        "../workflow_scripts/features.py"
