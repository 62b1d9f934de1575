# features → models, scores and metrics of paper 1: Protocol A on pooled vectors, Protocols B and C on maps. Each method
# has a rule on each kind of features, `vectors_projector`, `maps_closed_form` and so on, all with the same script.

for PROTOCOL in PLAN.protocols:

    for FIT in PROTOCOL.fits:

        rule:
            name:
                f"{PROTOCOL.features}_{FIT.name}"
            input:
                unpack(
                    lambda wildcards, part=PROTOCOL, fit=FIT: part.inputs(
                        wildcards.dataset, wildcards.backbone, fit
                    )
                ),
            output:
                **PROTOCOL.outputs(FIT),
            log:
                f"results/logs/{PROTOCOL.folder}/{{dataset}}/{{backbone}}/none/{FIT.name}/{{part}}.log",
            benchmark:
                f"results/benchmarks/{PROTOCOL.folder}/{{dataset}}/{{backbone}}/none/{FIT.name}/{{part}}.tsv"
            conda:
                "../envs/torch.yaml"
            threads: CORES if FIT.gpu else 1
            resources:
                **({"gpu": 1} if FIT.gpu else {}),
                **PRICE.resources(f"{PROTOCOL.features}_{FIT.name}"),
            params:
                code=PLAN.code("fit", *FIT.modules),
                module=FIT.module,
                classes=lambda wildcards, part=PROTOCOL: part.classes(
                    wildcards.dataset, wildcards.part
                ),
                settings=lambda wildcards, part=PROTOCOL, fit=FIT: part.settings(
                    fit, wildcards.dataset, wildcards.backbone
                ),
                seed=CONFIG.seed,
            script:
                "../workflow_scripts/fit.py"

        workflow.get_rule(f"{PROTOCOL.features}_{FIT.name}").docstring = FIT.title

    rule:
        """Measure how alike normal and anomalous images are before any training."""
        name:
            f"{PROTOCOL.features}_similarity"
        input:
            unpack(
                lambda wildcards, part=PROTOCOL: part.inputs(
                    wildcards.dataset, wildcards.backbone
                )
            ),
        output:
            f"results/metrics/{PROTOCOL.folder}/{{dataset}}/{{backbone}}/none/similarity.parquet",
        log:
            f"results/logs/{PROTOCOL.folder}/{{dataset}}/{{backbone}}/none/similarity.log",
        benchmark:
            f"results/benchmarks/{PROTOCOL.folder}/{{dataset}}/{{backbone}}/none/similarity.tsv"
        conda:
            "../envs/torch.yaml"
        threads: CORES if PROTOCOL is PLAN.maps else 1
        resources:
            **({"gpu": 1} if PROTOCOL is PLAN.maps else {}),
            **PRICE.resources(f"{PROTOCOL.features}_similarity"),
        params:
            code=PLAN.code("similarity"),
            classes=lambda wildcards: CONFIG.normal_classes(wildcards.dataset),
            settings=lambda wildcards, part=PROTOCOL: part.features_settings(
                wildcards.dataset, wildcards.backbone
            ),
        script:
            "../workflow_scripts/similarity.py"


if PLAN.maps:

    rule maps_evaluate:
        """Turn scores and distance maps into image and pixel metrics."""
        input:
            index="results/index/{dataset}.parquet",
            scores=lambda wildcards: PLAN.maps.evaluated(wildcards),
            maps=lambda wildcards: PLAN.maps.evaluated(wildcards, "maps", "h5"),
        output:
            summary=f"results/metrics/{PLAN.maps.pattern}.parquet",
            metrics=f"results/metrics/{PLAN.maps.pattern}_repetitions.parquet",
        log:
            f"results/logs/{PLAN.maps.pattern}_evaluate.log",
        benchmark:
            f"results/benchmarks/{PLAN.maps.pattern}_evaluate.tsv"
        conda:
            "../envs/torch.yaml"
        resources:
            **PRICE.resources("maps_evaluate"),
        params:
            code=PLAN.code("evaluate_maps"),
            settings=lambda wildcards: PLAN.maps.features_settings(
                wildcards.dataset, wildcards.backbone
            ),
            resamples=PLAN.maps.resamples,
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/evaluate_maps.py"
