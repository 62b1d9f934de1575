# images → ImageNet networks fine-tuned on the normal ones → scores


rule train_transfer:
    """Fine-tune an ImageNet network on the normal images of a data set, by each method, and score the test images."""
    input:
        unpack(lambda wildcards: PLAN.transfer.inputs(wildcards.dataset)),
    output:
        scores="results/scores/transfer/{dataset}/{backbone}.parquet",
        size="results/scores/transfer/{dataset}/{backbone}_size.parquet",
    log:
        "results/logs/transfer/{dataset}/{backbone}.log",
    benchmark:
        "results/benchmarks/transfer/{dataset}/{backbone}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("train_transfer"),
        gpu=1,
    params:
        code=PLAN.code("train_transfer"),
        settings=lambda wildcards: PLAN.transfer.settings(
            wildcards.dataset, wildcards.backbone
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_transfer.py"
