# metrics, scores, distance maps and models → the figures of paper 1, and two of our own

# The class that Figures 2 and S4 show of each data set, by protocol; of Protocol B they show one data set.
POLAR_CLASSES = {
    "A": {dataset: figure_class(dataset) for dataset in OBJECTIVE.datasets}
}
if LOCALISATION:
    LOCALISED = next(iter(LOCALISATION.figure_classes), LOCALISATION.datasets[0])
    POLAR_CLASSES["B"] = {LOCALISED: figure_class(LOCALISED, LOCALISATION)}
POLAR_SCORES = [
    path
    for protocol, classes in zip(PROTOCOLS, POLAR_CLASSES.values())
    for dataset, shown in classes.items()
    for path in protocol_parts(protocol, "scores", "ours", dataset, only=shown)
]

# The data set of Figure S6: the first that names a figure class, else the first of all.
SHOWN = next(iter(OBJECTIVE.figure_classes), OBJECTIVE.datasets[0])


rule objective_fig2:
    input:
        POLAR_SCORES,
    output:
        **figure("fig2", "Figure 2: norm and angle", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_fig2.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_fig2"),
        classes=POLAR_CLASSES,
    script:
        "../workflow_scripts/objective_fig2.py"


rule objective_figS4:
    input:
        POLAR_SCORES,
    output:
        **figure("figS4", "Figure S4: smallest and largest norm", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_figS4.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_figS4"),
        classes=POLAR_CLASSES,
    script:
        "../workflow_scripts/objective_figS4.py"


rule objective_fig3:
    input:
        both_protocols("ours", "ours_closed_form"),
    output:
        **figure("fig3", "Figure 3: AUROC against norm", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_fig3.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_fig3"),
    script:
        "../workflow_scripts/objective_fig3.py"


rule objective_figS5:
    input:
        both_protocols("ours"),
    output:
        **figure(
            "figS5", "Figure S5: AUROC against norm, by class", "3 The centre's norm"
        ),
    log:
        "results/logs/figures/objective_figS5.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_figS5"),
    script:
        "../workflow_scripts/objective_figS5.py"


rule objective_fig4:
    input:
        metrics=both_protocols("ours"),
        similarity=protocol_metrics("objective", "similarity"),
        map_similarity=(
            protocol_metrics("localisation", "similarity") if LOCALISATION else []
        ),
    output:
        **figure("fig4", "Figure 4: feasible domain", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_fig4.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_fig4"),
        feasible=OBJECTIVE.feasible_auroc,
    script:
        "../workflow_scripts/objective_fig4.py"


rule objective_figS1:
    input:
        expand("results/index/{dataset}.parquet", dataset=OBJECTIVE.datasets),
    output:
        **figure("figS1", "Figure S1: samples", "1 Protocol A"),
    log:
        "results/logs/figures/objective_figS1.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_figS1"),
        tasks={dataset: CONFIG.datasets[dataset].task for dataset in OBJECTIVE.datasets},
        classes={dataset: figure_class(dataset) for dataset in OBJECTIVE.datasets},
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/objective_figS1.py"


rule objective_figS6:
    input:
        models=protocol_parts(
            "objective", "models", "ours", SHOWN, only=figure_class(SHOWN)
        ),
        index=f"results/index/{SHOWN}.parquet",
        features=f"results/features/{SHOWN}/{OBJECTIVE.backbone}/none.h5",
    output:
        **figure(
            "figS6",
            "Figure S6: t-SNE for each kind of centre",
            "2 The centre's distribution",
        ),
    log:
        "results/logs/figures/objective_figS6.log",
    conda:
        "../envs/torch.yaml"
    params:
        code=code("objective_figS6"),
        dataset=SHOWN,
        task=CONFIG.datasets[SHOWN].task,
        class_name=figure_class(SHOWN),
        centers=OBJECTIVE.centers,
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/objective_figS6.py"


rule objective_closed_form:
    input:
        histories=[
            path
            for dataset in OBJECTIVE.datasets
            for path in protocol_parts(
                "objective", "history", "ours_closed_form", dataset
            )
        ],
        trained=[
            path
            for dataset in OBJECTIVE.datasets
            for path in protocol_parts("objective", "history", "ours", dataset)
        ],
    output:
        **figure(
            "closed_form",
            "The closed form: training time and norm",
            "5 The closed form",
        ),
    log:
        "results/logs/figures/objective_closed_form.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_closed_form"),
    script:
        "../workflow_scripts/objective_closed_form.py"


LOCALISATION_FIGURES = []

if LOCALISATION:

    DEFECTS = {
        "indexes": expand(
            "results/index/{dataset}.parquet", dataset=LOCALISATION.datasets
        ),
        **{
            stage: [
                path
                for dataset in LOCALISATION.datasets
                for path in protocol_parts("localisation", stage, "ours", dataset)
            ]
            for stage in ["scores", "maps"]
        },
    }
    TRANSFORMS = {
        dataset: CONFIG.datasets[dataset].transform.model_dump()
        for dataset in LOCALISATION.datasets
    }

    rule objective_figS2:
        input:
            **DEFECTS,
        output:
            **figure(
                "figS2", "Figure S2: defects, best cases", "6 Where the defects are"
            ),
        log:
            "results/logs/figures/objective_figS2.log",
        conda:
            "../envs/torch.yaml"
        params:
            code=code("objective_figS2"),
            transforms=TRANSFORMS,
            sigma=LOCALISATION.sigma,
            norm=LOCALISATION.reference_norm,
        script:
            "../workflow_scripts/objective_figS2.py"

    rule objective_figS3:
        input:
            **DEFECTS,
        output:
            **figure(
                "figS3", "Figure S3: defects, worst cases", "6 Where the defects are"
            ),
        log:
            "results/logs/figures/objective_figS3.log",
        conda:
            "../envs/torch.yaml"
        params:
            code=code("objective_figS3"),
            transforms=TRANSFORMS,
            sigma=LOCALISATION.sigma,
            norm=LOCALISATION.reference_norm,
        script:
            "../workflow_scripts/objective_figS3.py"

    LOCALISATION_FIGURES += [
        rules.objective_figS2.output,
        rules.objective_figS3.output,
    ]


if LOCALISATION and LOCALISATION.online:

    rule objective_online:
        input:
            histories=[
                path
                for dataset in LOCALISATION.datasets
                for path in protocol_parts(
                    "localisation", "history", "online", dataset
                )
            ],
            offline=protocol_metrics("localisation", "ours"),
        output:
            **figure("online", "Learning from one image at a time", "7 Online"),
        log:
            "results/logs/figures/objective_online.log",
        conda:
            "../envs/plots.yaml"
        params:
            code=code("objective_online"),
        script:
            "../workflow_scripts/objective_online.py"

    LOCALISATION_FIGURES.append(rules.objective_online.output)


rule objective_figures:
    input:
        rules.objective_fig2.output,
        rules.objective_figS4.output,
        rules.objective_fig3.output,
        rules.objective_figS5.output,
        rules.objective_fig4.output,
        rules.objective_figS1.output,
        rules.objective_figS6.output,
        rules.objective_closed_form.output,
        *LOCALISATION_FIGURES,
