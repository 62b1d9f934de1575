# histories of searches → the tables and figures of paper 2 on single outliers: `snakemake exposure_table3`

SEARCH_CATEGORY = "12 Outlier exposure: one outlier"
EVOLVED, AT_RANDOM = ["best", "worst"], ["random"]
UNFILTERED, FILTERED = ["none"], ["lpf", "hpf"]

# Page: its title, and the networks, filters and directions of the searches that it shows (None: all).
SEARCH_TABLES = {
    "table3": ("Table 3: best and worst outlier", None, UNFILTERED, EVOLVED),
    "table4": ("Table 4: filtered", None, FILTERED, EVOLVED),
    "table5": ("Table 5: random search", None, None, AT_RANDOM),
    "table16": ("Table 16: by class, 32 pixels", SMALL, UNFILTERED, EVOLVED),
    "table17": ("Table 17: the same, filtered", SMALL, FILTERED, EVOLVED),
    "table18": ("Table 18: by class, others", OTHERS, UNFILTERED, EVOLVED),
    "table19": ("Table 19: the same, filtered", OTHERS, FILTERED, EVOLVED),
}
GALLERIES = {
    "fig5": ("Figure 5: best and worst", None, UNFILTERED, EVOLVED),
    "fig7": ("Figure 7: filtered", None, FILTERED, EVOLVED),
    "fig12": ("Figure 12: random search", None, None, AT_RANDOM),
    "fig18": ("Figure 18: 32 pixels", SMALL, UNFILTERED, EVOLVED),
    "fig19": ("Figure 19: low-pass, 32 pixels", SMALL, ["lpf"], EVOLVED),
    "fig20": ("Figure 20: high-pass, 32 pixels", SMALL, ["hpf"], EVOLVED),
    "fig21": ("Figure 21: others", OTHERS, UNFILTERED, EVOLVED),
    "fig22": ("Figure 22: low-pass, others", OTHERS, ["lpf"], EVOLVED),
    "fig23": ("Figure 23: high-pass, others", OTHERS, ["hpf"], EVOLVED),
}
SEARCH_TABLES = {
    page: shown for page, shown in SEARCH_TABLES.items() if searches(*shown[1:])
}
GALLERIES = {page: shown for page, shown in GALLERIES.items() if searches(*shown[1:])}

# What a table compares its searches with: Table 4 with unfiltered images, Table 5 with evolution.
COMPARED = {
    "table4": searches(filters=UNFILTERED, directions=EVOLVED),
    "table5": searches(directions=EVOLVED),
}

for PAGE, (TITLE, *SHOWN_IN) in SEARCH_TABLES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            searches(*SHOWN_IN) + COMPARED.get(PAGE, []),
        output:
            **table(PAGE, TITLE, SEARCH_CATEGORY, "exposure"),
        log:
            f"results/logs/tables/exposure_{PAGE}.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("exposure_search_table"),
            published=published("exposure"),
            table=PAGE,
            setup=SEARCH.describe(EXPOSURE.describe()),
        script:
            "../workflow_scripts/exposure_search_table.py"


for PAGE, (TITLE, *SHOWN_IN) in GALLERIES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            histories=searches(*SHOWN_IN),
            indexes=searched_indexes(SHOWN_IN[0]),
        output:
            **figure(PAGE, TITLE, SEARCH_CATEGORY, "exposure"),
        log:
            f"results/logs/figures/exposure_{PAGE}.log",
        conda:
            "../envs/plots.yaml"
        params:
            code=code("exposure_gallery"),
            figure=PAGE.replace("fig", "figure"),
            sides={run.network: sides_of(run) for run in SEARCH.runs},
            reading=EXPOSURE.high_pass,
            seed=CONFIG.seed,
        script:
            "../workflow_scripts/exposure_gallery.py"


rule exposure_search:
    input:
        searches(),
    output:
        **figure("search", "Searches: progress", SEARCH_CATEGORY, "exposure"),
    log:
        "results/logs/figures/exposure_search.log",
    conda:
        "../envs/plots.yaml"
    params:
        code=code("exposure_search"),
    script:
        "../workflow_scripts/exposure_search.py"


rule search_pages:
    input:
        [page_files("tables", page, "exposure") for page in SEARCH_TABLES],
        [page_files("figures", page, "exposure") for page in [*GALLERIES, "search"]],
