# features → models, scores and metrics of paper 1, Protocol A


rule train_minibatch:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        scores="results/scores/objective/{dataset}/{backbone}/{filter}/ours/{part}.parquet",
        history="results/history/objective/{dataset}/{backbone}/{filter}/ours/{part}.parquet",
        models="results/models/objective/{dataset}/{backbone}/{filter}/ours/{part}.safetensors",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/ours/{part}.log",
    benchmark:
        "results/benchmarks/objective/{dataset}/{backbone}/{filter}/ours/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=OBJECTIVE.memory_mb + 2000,
        runtime=240,
    params:
        code=code("train_minibatch"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(OBJECTIVE),
        variants=lambda wildcards: variants_of(wildcards, OBJECTIVE),
        repetitions=lambda wildcards: OBJECTIVE.repetitions(wildcards.dataset),
        adam=OBJECTIVE.adam(),
        schedule=OBJECTIVE.schedule(),
        seed=CONFIG.seed,
        memory_mb=OBJECTIVE.memory_mb,
        figure_class=lambda wildcards: figure_class(wildcards.dataset),
    script:
        "../workflow_scripts/train_minibatch.py"


rule train_moments:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        scores="results/scores/objective/{dataset}/{backbone}/{filter}/ours_moments/{part}.parquet",
        history="results/history/objective/{dataset}/{backbone}/{filter}/ours_moments/{part}.parquet",
        models="results/models/objective/{dataset}/{backbone}/{filter}/ours_moments/{part}.safetensors",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/ours_moments/{part}.log",
    benchmark:
        "results/benchmarks/objective/{dataset}/{backbone}/{filter}/ours_moments/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=3000,
        runtime=240,
    params:
        code=code("train_moments"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(OBJECTIVE),
        norms=OBJECTIVE.norms,
        reference_norm=OBJECTIVE.reference_norm,
        repetitions=OBJECTIVE.moments_seeds,
        adam=OBJECTIVE.adam(),
        schedule=OBJECTIVE.schedule(),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_moments.py"


rule train_literal:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        scores="results/scores/objective/{dataset}/{backbone}/{filter}/projectors/{part}.parquet",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/projectors/{part}.log",
    benchmark:
        "results/benchmarks/objective/{dataset}/{backbone}/{filter}/projectors/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=3000,
        runtime=240,
    params:
        code=code("train_literal"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(OBJECTIVE),
        norm=OBJECTIVE.reference_norm,
        adam=OBJECTIVE.adam(),
        schedule=OBJECTIVE.schedule(),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/train_literal.py"


rule closed_form:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        scores="results/scores/objective/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.parquet",
        history="results/history/objective/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.parquet",
        models="results/models/objective/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.safetensors",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.log",
    benchmark:
        "results/benchmarks/objective/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=code("closed_form"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(OBJECTIVE),
        norms=OBJECTIVE.norms,
    script:
        "../workflow_scripts/closed_form.py"


rule comparators:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        scores="results/scores/objective/{dataset}/{backbone}/{filter}/comparators/{part}.parquet",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/comparators/{part}.log",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=3000,
        runtime=60,
    params:
        code=code("comparators"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(OBJECTIVE),
        comparators=OBJECTIVE.comparators,
    script:
        "../workflow_scripts/comparators.py"


rule similarity:
    input:
        index="results/index/{dataset}.parquet",
        features="results/features/{dataset}/{backbone}/{filter}.h5",
    output:
        "results/metrics/objective/{dataset}/{backbone}/{filter}/similarity.parquet",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/similarity.log",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        code=code("similarity"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
    script:
        "../workflow_scripts/similarity.py"


rule evaluate:
    input:
        every_part(
            "results/scores/objective/{dataset}/{backbone}/{filter}/{method}/{part}.parquet",
            OBJECTIVE,
        ),
    output:
        "results/metrics/objective/{dataset}/{backbone}/{filter}/{method}.parquet",
        "results/metrics/objective/{dataset}/{backbone}/{filter}/{method}_seeds.parquet",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/{method}_evaluate.log",
    wildcard_constraints:
        method="ours|ours_moments|ours_closed_form|comparators|projectors",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("evaluate"),
        resamples=OBJECTIVE.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/evaluate.py"


rule projection:
    input:
        every_part(
            "results/history/objective/{dataset}/{backbone}/{filter}/{method}/{part}.parquet",
            OBJECTIVE,
        ),
    output:
        "results/metrics/objective/{dataset}/{backbone}/{filter}/{method}_projection.parquet",
    log:
        "results/logs/objective/{dataset}/{backbone}/{filter}/{method}_projection.log",
    wildcard_constraints:
        method="ours|ours_moments",
    conda:
        "../envs/data.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=code("projection"),
    script:
        "../workflow_scripts/projection.py"
