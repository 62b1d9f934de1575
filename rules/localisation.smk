# features → models, distance maps, scores and metrics of paper 1, Protocols B and C

# What ``localisation.maps`` needs to know to join the levels of feature maps.
MAPS = {
    "layers": LOCALISATION.layers,
    "joining": LOCALISATION.joining(),
    "workers": CONFIG.features.workers,
}


rule localisation_train:
    input:
        unpack(maps_input),
    output:
        scores="results/scores/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.parquet",
        maps="results/maps/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.h5",
        models="results/models/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.safetensors",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.log",
    benchmark:
        "results/benchmarks/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.tsv"
    wildcard_constraints:
        method="ours|ours_moments",
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=2 * LOCALISATION.memory_mb + 2000,
        runtime=240,
    params:
        code=code("localisation_train"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(LOCALISATION),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
        grids=map_grids,
        repetitions=lambda wildcards: (
            LOCALISATION.repetitions(wildcards.dataset)
            if wildcards.method == "ours"
            else LOCALISATION.moments_seeds
        ),
        adam=LOCALISATION.adam(),
        schedule=lambda wildcards: LOCALISATION.schedule(wildcards.dataset),
        sigma=LOCALISATION.sigma,
        seed=CONFIG.seed,
        memory_mb=LOCALISATION.memory_mb,
    script:
        "../workflow_scripts/localisation_train.py"


rule localisation_closed_form:
    input:
        unpack(maps_input),
    output:
        scores="results/scores/localisation/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.parquet",
        maps="results/maps/localisation/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.h5",
        models="results/models/localisation/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.safetensors",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.log",
    benchmark:
        "results/benchmarks/localisation/{dataset}/{backbone}/{filter}/ours_closed_form/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=3000,
        runtime=60,
    params:
        code=code("localisation_closed_form"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(LOCALISATION),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
        norms=lambda wildcards: {
            centring: grid["norms"] for centring, grid in map_grids(wildcards).items()
        },
        reference_norm=LOCALISATION.reference_norm,
        sigma=LOCALISATION.sigma,
    script:
        "../workflow_scripts/localisation_closed_form.py"


rule localisation_literal:
    input:
        unpack(maps_input),
    output:
        scores="results/scores/localisation/{dataset}/{backbone}/{filter}/projectors/{part}.parquet",
        maps="results/maps/localisation/{dataset}/{backbone}/{filter}/projectors/{part}.h5",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/projectors/{part}.log",
    benchmark:
        "results/benchmarks/localisation/{dataset}/{backbone}/{filter}/projectors/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=240,
    params:
        code=code("localisation_literal"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(LOCALISATION),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
        norm=LOCALISATION.reference_norm,
        adam=LOCALISATION.adam(),
        schedule=lambda wildcards: LOCALISATION.schedule(wildcards.dataset),
        sigma=LOCALISATION.sigma,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/localisation_literal.py"


rule localisation_comparators:
    input:
        unpack(maps_input),
    output:
        scores="results/scores/localisation/{dataset}/{backbone}/{filter}/comparators/{part}.parquet",
        maps="results/maps/localisation/{dataset}/{backbone}/{filter}/comparators/{part}.h5",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/comparators/{part}.log",
    benchmark:
        "results/benchmarks/localisation/{dataset}/{backbone}/{filter}/comparators/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=4000,
        runtime=120,
    params:
        code=code("localisation_comparators"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(LOCALISATION),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
        comparators=LOCALISATION.comparators,
        sigma=LOCALISATION.sigma,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/localisation_comparators.py"


rule localisation_online:
    input:
        unpack(maps_input),
    output:
        scores="results/scores/localisation/{dataset}/{backbone}/{filter}/online/{part}.parquet",
        maps="results/maps/localisation/{dataset}/{backbone}/{filter}/online/{part}.h5",
        history="results/history/localisation/{dataset}/{backbone}/{filter}/online/{part}.parquet",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/online/{part}.log",
    benchmark:
        "results/benchmarks/localisation/{dataset}/{backbone}/{filter}/online/{part}.tsv"
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=2 * LOCALISATION.memory_mb + 2000,
        runtime=240,
    params:
        code=code("localisation_online"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=classes_of(LOCALISATION),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
        norms=LOCALISATION.norms,
        reference_norm=LOCALISATION.reference_norm,
        repetitions=lambda wildcards: LOCALISATION.repetitions(wildcards.dataset),
        adam=LOCALISATION.adam(),
        sigma=LOCALISATION.sigma,
        seed=CONFIG.seed,
        memory_mb=LOCALISATION.memory_mb,
    script:
        "../workflow_scripts/localisation_online.py"


rule localisation_evaluate:
    input:
        index="results/index/{dataset}.parquet",
        scores=every_part(
            "results/scores/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.parquet",
            LOCALISATION,
        ),
        maps=every_part(
            "results/maps/localisation/{dataset}/{backbone}/{filter}/{method}/{part}.h5",
            LOCALISATION,
        ),
    output:
        "results/metrics/localisation/{dataset}/{backbone}/{filter}/{method}.parquet",
        "results/metrics/localisation/{dataset}/{backbone}/{filter}/{method}_seeds.parquet",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/{method}_evaluate.log",
    wildcard_constraints:
        method="ours|ours_moments|ours_closed_form|comparators|projectors|online",
    conda:
        "../envs/torch.yaml"
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        code=code("localisation_evaluate"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        transform=transform_of,
        sigma=LOCALISATION.sigma,
        resamples=LOCALISATION.bootstrap,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/localisation_evaluate.py"


rule localisation_similarity:
    input:
        unpack(maps_input),
    output:
        "results/metrics/localisation/{dataset}/{backbone}/{filter}/similarity.parquet",
    log:
        "results/logs/localisation/{dataset}/{backbone}/{filter}/similarity.log",
    conda:
        "../envs/torch.yaml"
    threads: 8
    resources:
        gpu=1,
        mem_mb=2000,
        runtime=60,
    params:
        code=code("localisation_similarity"),
        task=lambda wildcards: CONFIG.datasets[wildcards.dataset].task,
        classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
        network=network_of,
        transform=transform_of,
        maps=MAPS,
    script:
        "../workflow_scripts/localisation_similarity.py"
