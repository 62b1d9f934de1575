# metrics → the tables and figures of paper 2. Each rule has the name of its page: `snakemake exposure_table1`.

ONE_VS_REST, LEAVE_ONE_OUT, DEFECT = ["one_vs_rest"], ["leave_one_out"], ["defect"]
SMALL, OTHERS = ["lenet"], ["cbam_resnet18", "head"]
CATEGORIES = {
    "benchmark": "8 Outlier exposure: every method",
    "radial": "8 Outlier exposure: every method",
    "counts": "9 Outlier exposure: few outliers",
    "diversity": "9 Outlier exposure: few outliers",
    "frequencies": "10 Outlier exposure: frequencies",
    "gamma": "8 Outlier exposure: every method",
}

# Page: its title, its sweep, and the tasks and networks of that sweep that it shows.
EXPOSURE_TABLES = {
    "table1": ("Table 1: every method", "benchmark", ONE_VS_REST),
    "table6": ("Table 6: radial functions", "radial", ONE_VS_REST),
    "table7": ("Table 7: by class, 32 pixels", "benchmark", ONE_VS_REST, SMALL),
    "table8": ("Table 8: deviations", "benchmark", ONE_VS_REST, SMALL),
    "table9": ("Table 9: by class, others", "benchmark", ONE_VS_REST, OTHERS),
    "table13": ("Table 13: one class left out", "benchmark", LEAVE_ONE_OUT, OTHERS),
    "table14": ("Table 14: the same, 32 pixels", "benchmark", LEAVE_ONE_OUT, SMALL),
    "table15": ("Table 15: defects", "benchmark", DEFECT),
}
# CLIP stands in some of them: the tasks and sizes of images that it does with (of 32 pixels, or larger).
CLIP_IN = {
    "table13": (LEAVE_ONE_OUT, False),
    "table14": (LEAVE_ONE_OUT, True),
    "table15": (DEFECT,),
}
CLIP_IN = {page: clip_metrics(*shown) for page, shown in CLIP_IN.items()}
OUTLIER_FIGURES = {
    "fig2": ("Figure 2: number of outliers", "counts", ONE_VS_REST),
    "fig3": ("Figure 3: one class left out", "counts", LEAVE_ONE_OUT),
    "fig4": ("Figure 4: defects", "counts", DEFECT),
    "fig6": ("Figure 6: kinds of outliers", "diversity"),
    "fig13": ("Figure 13: focal loss", "gamma"),
    "fig14": ("Figure 14: Figure 2 by class", "counts", ONE_VS_REST, OTHERS),
    "fig15": ("Figure 15: Figure 2 by class", "counts", ONE_VS_REST, OTHERS),
    "fig16": ("Figure 16: the same, 32 pixels", "counts", ONE_VS_REST, SMALL),
    "fig17": ("Figure 17: Figure 6 by class", "diversity"),
}
FREQUENCY_FIGURES = {
    "fig8": ("Figure 8: low-pass", "frequencies", None, SMALL),
    "fig9": ("Figure 9: high-pass", "frequencies", None, SMALL),
    "fig10": ("Figure 10: low-pass, others", "frequencies", None, OTHERS),
    "fig11": ("Figure 11: high-pass, others", "frequencies", None, OTHERS),
}
FILTER_OF = {"fig8": "lpf", "fig9": "hpf", "fig10": "lpf", "fig11": "hpf"}


rule exposure_fig1:
    output:
        **figure(
            "fig1", "Figure 1: two dimensions", CATEGORIES["benchmark"], "exposure"
        ),
    log:
        "results/logs/figures/exposure_fig1.log",
    conda:
        "../envs/torch.yaml"
    params:
        code=code("exposure_fig1"),
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/exposure_fig1.py"


for PAGE, (TITLE, SWEEP, *SHOWN_IN) in EXPOSURE_TABLES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            metrics_of(runs_of(SWEEP, *SHOWN_IN)) + CLIP_IN.get(PAGE, []),
        output:
            **table(PAGE, TITLE, CATEGORIES[SWEEP], "exposure"),
        log:
            f"results/logs/tables/exposure_{PAGE}.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("exposure_table"),
            published=published("exposure"),
            table=PAGE,
            setup=setup_of(runs_of(SWEEP, *SHOWN_IN))
            + described(CLIP, CLIP_IN.get(PAGE)),
        script:
            "../workflow_scripts/exposure_table.py"


OUTLIER_FIGURES = {
    page: shown for page, shown in OUTLIER_FIGURES.items() if runs_of(*shown[1:])
}
FREQUENCY_FIGURES = {
    page: shown
    for page, shown in FREQUENCY_FIGURES.items()
    if any(
        name.startswith(FILTER_OF[page])
        for _, run in runs_of(*shown[1:])
        for name in run.filters
    )
}

for PAGE, (TITLE, SWEEP, *SHOWN_IN) in OUTLIER_FIGURES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            metrics=metrics_of(runs_of(SWEEP, *SHOWN_IN)),
        output:
            **figure(PAGE, TITLE, CATEGORIES[SWEEP], "exposure"),
        log:
            f"results/logs/figures/exposure_{PAGE}.log",
        conda:
            "../envs/plots.yaml"
        params:
            code=code("exposure_outliers_figure"),
            figure=PAGE.replace("fig", "figure"),
        script:
            "../workflow_scripts/exposure_outliers_figure.py"


for PAGE, (TITLE, SWEEP, *SHOWN_IN) in FREQUENCY_FIGURES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            metrics=metrics_of(runs_of(SWEEP, *SHOWN_IN)),
            indexes=sorted(
                {
                    f"results/index/{run.dataset}.parquet"
                    for _, run in runs_of(SWEEP, *SHOWN_IN)
                }
            ),
        output:
            **figure(PAGE, TITLE, CATEGORIES[SWEEP], "exposure"),
        log:
            f"results/logs/figures/exposure_{PAGE}.log",
        conda:
            "../envs/plots.yaml"
        params:
            code=code("exposure_frequency_figure"),
            figure=PAGE.replace("fig", "figure"),
            sides={run.dataset: sides_of(run) for _, run in runs_of(SWEEP, *SHOWN_IN)},
            reading=EXPOSURE.high_pass,
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/exposure_frequency_figure.py"


rule exposure_pages:
    input:
        rules.exposure_fig1.output,
        [
            page_files("tables", page, "exposure")
            for page, shown in EXPOSURE_TABLES.items()
            if runs_of(*shown[1:]) or CLIP_IN.get(page)
        ],
        [
            page_files("figures", page, "exposure")
            for page in [*OUTLIER_FIGURES, *FREQUENCY_FIGURES]
        ],
