# index → detector: model, ONNX file and card


rule detector:
    input:
        expand("results/detector/{dataset}/card.html", dataset=DETECTOR.datasets),


rule fit_detector:
    input:
        "results/index/{dataset}.parquet",
    output:
        safetensors="results/detector/{dataset}/detector.safetensors",
        onnx="results/detector/{dataset}/detector.onnx",
        json="results/detector/{dataset}/card.json",
        html=report(
            "results/detector/{dataset}/card.html",
            caption="../report/detector.rst",
            category="Detectors",
            labels={"data set": "{dataset}"},
        ),
    log:
        "results/logs/detector/{dataset}.log",
    benchmark:
        "results/benchmarks/detector/{dataset}.tsv"
    conda:
        "../envs/detector.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=120,
    params:
        code=code("detector"),
        class_name=lambda wildcards: CONFIG.normal_classes(wildcards.dataset)[0],
        transform=transform_of,
        network=CONFIG.backbones[DETECTOR.backbone].network(),
        layers=DETECTOR.layers,
        joining=DETECTOR.joining(),
        choices=lambda wildcards: {
            "norms": DETECTOR.norms,
            "centring": DETECTOR.centring,
            "sigma": DETECTOR.sigma,
            "quantile": DETECTOR.quantile,
            "strength": CONFIG.datasets[wildcards.dataset].strength,
        },
        workers=CONFIG.features.workers,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/detector.py"
