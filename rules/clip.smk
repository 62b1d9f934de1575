# paper 2: a CLIP model → embeddings of images and prompts → scores; and the model fine-tuned with outliers → scores


if PLAN.clip.models("{clip}"):

    rule train_clip:
        """Train every repetition of a miniature CLIP, and its control, on the training images of a data set."""
        input:
            index=lambda wildcards: PLAN.images.index(
                PLAN.clip.miniature(wildcards.clip).dataset
            ),
            pixels=lambda wildcards: PLAN.images.pixels(
                PLAN.clip.miniature(wildcards.clip).dataset, 32
            ),
        output:
            PLAN.clip.models("{clip}"),
        log:
            "results/logs/clip/{clip}/train.log",
        benchmark:
            "results/benchmarks/clip/{clip}/train.tsv"
        conda:
            "../envs/torch.yaml"
        resources:
            **PRICE.resources("train_clip"),
            gpu=1,
        params:
            code=PLAN.code("train_clip"),
            plan=lambda wildcards: PLAN.clip.miniature_plan(wildcards.clip),
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/train_clip.py"


rule embed_clip:
    """Embed a data set's images and prompts by every repetition of a CLIP model."""
    input:
        index="results/index/{dataset}.parquet",
        pixels=lambda wildcards: PLAN.clip.pixels(wildcards.dataset),
        models=PLAN.clip.models("{clip}"),
    output:
        PLAN.clip.embeddings("{dataset}", "{clip}"),
    log:
        "results/logs/clip/{dataset}/{clip}/embed.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/embed.tsv"
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("embed_clip"),
        gpu=1,
    params:
        code=PLAN.code("embed_clip"),
        model=PLAN.clip.loading(),
        prompts=lambda wildcards: PLAN.clip.prompts(),
        image_size=lambda wildcards: CONFIG.clip_image_size(wildcards.dataset),
    script:
        "../workflow_scripts/embed_clip.py"


rule score_clip:
    """Score a data set's test images, zero-shot, from its embeddings."""
    input:
        index="results/index/{dataset}.parquet",
        embeddings=PLAN.clip.embeddings("{dataset}", "{clip}"),
    output:
        "results/scores/clip/{dataset}/{clip}/zero_shot.parquet",
    log:
        "results/logs/clip/{dataset}/{clip}/score.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/score.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        **PRICE.resources("score_clip"),
    params:
        code=PLAN.code("score_clip"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        prompts=lambda wildcards: PLAN.clip.prompts(),
    script:
        "../workflow_scripts/score_clip.py"


rule evaluate_clip:
    """Turn zero-shot scores into AUROC: of the tables' prompt and methods, and of every prompt."""
    input:
        "results/scores/clip/{dataset}/{clip}/zero_shot.parquet",
    output:
        summaries=[
            "results/metrics/clip/{dataset}/{clip}/zero_shot.parquet",
            "results/metrics/clip/{dataset}/{clip}/prompts.parquet",
        ],
        metrics=[
            "results/metrics/clip/{dataset}/{clip}/zero_shot_repetitions.parquet",
            "results/metrics/clip/{dataset}/{clip}/prompts_repetitions.parquet",
        ],
    log:
        "results/logs/clip/{dataset}/{clip}/evaluate.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/evaluate.tsv"
    conda:
        "../envs/data.yaml"
    resources:
        **PRICE.resources("evaluate_clip"),
    params:
        code=PLAN.code("evaluate_clip"),
        template=lambda wildcards: CONFIG.clip.templates[0],
        resamples=CONFIG.clip.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate_clip.py"


rule fine_tune_clip:
    """Fine-tune CLIP's image tower with outliers (BCE-CL), and score the test images."""
    input:
        index="results/index/{dataset}.parquet",
        pool_index=lambda wildcards: PLAN.images.index(
            PLAN.clip.tuning(wildcards.dataset).pool
        ),
        kept=lambda wildcards: f"results/outliers/{wildcards.dataset}/{PLAN.clip.tuning(wildcards.dataset).pool}/pool.parquet",
        choice=lambda wildcards: f"results/outliers/{wildcards.dataset}/{PLAN.clip.tuning(wildcards.dataset).pool}/choice.parquet",
        images=lambda wildcards: PLAN.clip.pixels(wildcards.dataset),
        pool_images=lambda wildcards: PLAN.clip.pool_pixels(wildcards.dataset),
        models=PLAN.clip.models("{clip}", control=False),
    output:
        "results/scores/clip/{dataset}/{clip}/fine_tuned/{part}.parquet",
    log:
        "results/logs/clip/{dataset}/{clip}/fine_tuned/{part}.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/fine_tuned/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("fine_tune_clip"),
        gpu=1,
    params:
        code=PLAN.code("fine_tune_clip"),
        classes=lambda wildcards: PLAN.clip.classes(wildcards.dataset, wildcards.part),
        model=PLAN.clip.loading(),
        prompts=lambda wildcards: PLAN.clip.prompts(),
        settings=lambda wildcards: PLAN.clip.tuning_settings(wildcards.dataset),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/fine_tune_clip.py"
