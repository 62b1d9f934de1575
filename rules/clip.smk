# paper 2: a CLIP model → embeddings of images and prompts → scores → metrics; and the model fine-tuned with outliers


rule train_clip:
    input:
        index=lambda wildcards: f"results/index/{miniature_of(wildcards).dataset}.parquet",
        pixels=lambda wildcards: f"results/pixels/{miniature_of(wildcards).dataset}/32.h5",
    output:
        "results/models/clip/{clip}/{repetition}.safetensors",
    log:
        "results/logs/clip/{clip}/{repetition}.log",
    benchmark:
        "results/benchmarks/clip/{clip}/{repetition}.tsv"
    conda:
        "../envs/torch.yaml"
    resources:
        gpu=1,
        mem_mb=2000,
        runtime=60,
    params:
        code=code("train_clip"),
        plan=lambda wildcards: (
            miniature_of(wildcards).model_dump(exclude={"dataset", "seeds", "control"})
            | {"labels": CLIP.labels}
        ),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_clip.py"


rule embed_clip:
    input:
        index="results/index/{dataset}.parquet",
        pixels=lambda wildcards: clip_pixels(wildcards.dataset, wildcards),
        models=CLIP_MODELS,
    output:
        EMBEDDINGS,
    log:
        "results/logs/clip/{dataset}/{clip}/embed.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/embed.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=240,
    params:
        code=code("embed_clip"),
        model=CLIP_MODEL.model_dump(exclude={"miniature"}),
        prompts=prompts_of,
        side=lambda wildcards: CONFIG.side(wildcards.dataset),
    script:
        "../workflow_scripts/embed_clip.py"


rule score_clip:
    input:
        index="results/index/{dataset}.parquet",
        embeddings=EMBEDDINGS,
    output:
        "results/scores/clip/{dataset}/{clip}/zero_shot.parquet",
    log:
        "results/logs/clip/{dataset}/{clip}/score.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        code=code("score_clip"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        prompts=prompts_of,
    script:
        "../workflow_scripts/score_clip.py"


rule evaluate_clip:
    input:
        "results/scores/clip/{dataset}/{clip}/zero_shot.parquet",
    output:
        summaries=[
            "results/metrics/clip/{dataset}/{clip}/zero_shot.parquet",
            "results/metrics/clip/{dataset}/{clip}/prompts.parquet",
        ],
        seeds=[
            "results/metrics/clip/{dataset}/{clip}/zero_shot_seeds.parquet",
            "results/metrics/clip/{dataset}/{clip}/prompts_seeds.parquet",
        ],
    log:
        "results/logs/clip/{dataset}/{clip}/evaluate.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code("evaluate_clip"),
        template=lambda wildcards: CLIP.templates[0],
        resamples=CLIP.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate_clip.py"


rule fine_tune_clip:
    input:
        index="results/index/{dataset}.parquet",
        pool_index=lambda wildcards: f"results/index/{tuned_with(wildcards)}.parquet",
        kept=lambda wildcards: f"results/outliers/{wildcards.dataset}/{tuned_with(wildcards)}/pool.parquet",
        choice=lambda wildcards: f"results/outliers/{wildcards.dataset}/{tuned_with(wildcards)}/choice.parquet",
        images=lambda wildcards: clip_pixels(wildcards.dataset, wildcards),
        pool_images=lambda wildcards: clip_pixels(tuned_with(wildcards), wildcards),
        models=[file for file in CLIP_MODELS if SHUFFLED not in file],
    output:
        "results/scores/clip/{dataset}/{clip}/fine_tuned/{part}.parquet",
    log:
        "results/logs/clip/{dataset}/{clip}/fine_tuned/{part}.log",
    benchmark:
        "results/benchmarks/clip/{dataset}/{clip}/fine_tuned/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000 if CLIP_MODEL.miniature else 16000,
        runtime=1440,
    params:
        code=code("fine_tune_clip"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(CLIP),
        pool=lambda wildcards: tuned_with(wildcards),
        repetitions=lambda wildcards: CLIP.fine_tuning.of(wildcards.dataset).seeds,
        model=CLIP_MODEL.model_dump(exclude={"miniature"}),
        prompts=prompts_of,
        layers=CLIP.fine_tuning.layers if CLIP.fine_tuning else None,
        schedule=lambda wildcards: CLIP.fine_tuning.schedule(wildcards.dataset),
        settings=lambda wildcards: clip_settings(wildcards.dataset),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/fine_tune_clip.py"


rule evaluate_fine_tuned:
    input:
        every_part(
            "results/scores/clip/{dataset}/{clip}/fine_tuned/{part}.parquet",
            CLIP,
        ),
    output:
        "results/metrics/clip/{dataset}/{clip}/fine_tuned.parquet",
        "results/metrics/clip/{dataset}/{clip}/fine_tuned_seeds.parquet",
    log:
        "results/logs/clip/{dataset}/{clip}/fine_tuned_evaluate.log",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        code=code("evaluate"),
        resamples=CLIP.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate.py"
