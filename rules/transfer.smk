# images → ImageNet networks fine-tuned on the normal ones → scores → metrics


rule train_transfer:
    input:
        unpack(transfer_pool),
        index="results/index/{dataset}.parquet",
    output:
        scores="results/scores/transfer/{dataset}/{backbone}.parquet",
        size="results/scores/transfer/{dataset}/{backbone}_size.json",
    log:
        "results/logs/transfer/{dataset}/{backbone}.log",
    benchmark:
        "results/benchmarks/transfer/{dataset}/{backbone}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=2 * TRANSFER.memory_mb + 2000,
        runtime=1440,
    params:
        code=code("train_transfer"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        transform=transform_of,
        weights=lambda wildcards: CONFIG.backbones[wildcards.backbone].pretrained(),
        blocks=TRANSFER.blocks,
        repetitions=TRANSFER.seeds,
        pool=lambda wildcards: TRANSFER.pools.get(wildcards.dataset, ""),
        outliers=TRANSFER.outliers,
        panda=TRANSFER.panda.settings() | {"schedule": TRANSFER.panda.schedule()},
        mean_shifted={
            "temperature": TRANSFER.mean_shifted.temperature,
            "schedule": TRANSFER.mean_shifted.schedule(),
        },
        memory_mb=TRANSFER.memory_mb,
        workers=CONFIG.features.workers,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_transfer.py"


rule evaluate_transfer:
    input:
        "results/scores/transfer/{dataset}/{backbone}.parquet",
    output:
        "results/metrics/transfer/{dataset}/{backbone}.parquet",
        "results/metrics/transfer/{dataset}/{backbone}_seeds.parquet",
    log:
        "results/logs/transfer/{dataset}/{backbone}_evaluate.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("evaluate"),
        resamples=TRANSFER.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate.py"
