# index → detector: model, ONNX file and card


rule detector:
    """Make every detector."""
    input:
        expand("results/detector/{dataset}/card.html", dataset=CONFIG.detector.datasets),


rule fit_detector:
    """Fit a detector to the normal pictures of a data set, measure it, and write its folder."""
    input:
        "results/index/{dataset}.parquet",
    output:
        # update: the detector that is there stays until another one is whole
        safetensors=update("results/detector/{dataset}/detector.safetensors"),
        onnx=update("results/detector/{dataset}/detector.onnx"),
        json=update("results/detector/{dataset}/card.json"),
        html=report(
            update("results/detector/{dataset}/card.html"),
            caption="../report/caption.rst",
            category="Detectors",
            labels={"data set": "{dataset}"},
        ),
    log:
        "results/logs/detector/{dataset}.log",
    benchmark:
        "results/benchmarks/detector/{dataset}.tsv"
    conda:
        "../envs/detector.yaml"
    threads: 8  # also without a GPU: few detectors are fitted at a time
    resources:
        **PRICE.resources("fit_detector"),
        gpu=1,
    params:
        code=PLAN.code("detector"),
        caption="What is unlike the normal pictures, found without a training loop (docs/detector.md). The card "
        "names the pictures it was measured on; drawn defects are easier or harder than yours.",
        class_name=lambda wildcards: CONFIG.normal_classes(wildcards.dataset)[0],
        geometry=lambda wildcards: PLAN.images.geometry(wildcards.dataset),
        network=CONFIG.backbones[CONFIG.detector.backbone].network(),
        layers=CONFIG.detector.layers,
        aggregation=CONFIG.detector.aggregation(),
        choices=lambda wildcards: CONFIG.detector.choices()
        | {"defect_contrast": CONFIG.datasets[wildcards.dataset].defect_contrast},
        workers=CONFIG.features.workers,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/detector.py"
