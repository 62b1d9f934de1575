# metrics, scores and models → the figures of paper 1, and one of our own


rule objective_fig2:
    input:
        figure_scores,
    output:
        **figure("fig2", "Figure 2: norm and angle", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_fig2.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_fig2"),
        classes={dataset: figure_class(dataset) for dataset in OBJECTIVE.datasets},
    script:
        "../workflow_scripts/objective_fig2.py"


rule objective_figS4:
    input:
        figure_scores,
    output:
        **figure("figS4", "Figure S4: smallest and largest norm", "3 The centre's norm"),
    log:
        "results/logs/figures/objective_figS4.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("objective_figS4"),
        classes={dataset: figure_class(dataset) for dataset in OBJECTIVE.datasets},
    script:
        "../workflow_scripts/objective_figS4.py"


rule objective_fig3:
    input:
        [
            path
            for method in ["ours", "ours_closed_form"]
            for path in objective("metrics", method)
        ],
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
        objective("metrics", "ours"),
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
        metrics=objective("metrics", "ours"),
        similarity=objective("metrics", "similarity"),
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
        models=objective_parts("models", "ours", SHOWN, only=figure_class(SHOWN)),
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
            for path in objective_parts("history", "ours_closed_form", dataset)
        ],
        trained=[
            path
            for dataset in OBJECTIVE.datasets
            for path in objective_parts("history", "ours", dataset)
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
