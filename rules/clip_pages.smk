# metrics → the tables of paper 2 on transfer learning and CLIP, and CLIP's prompts: `snakemake exposure_table2`.

CLIP_CATEGORY = "11 Outlier exposure: transfer learning and CLIP"

# Page: its title, and the tasks and sizes of images (of 32 pixels, or larger) that it shows.
TRANSFER_TABLES = {
    "table2": ("Table 2: transfer learning",),
    "table10": ("Table 10: by class, 32 pixels", ["one_vs_rest"], True),
    "table11": ("Table 11: deviations", ["one_vs_rest"], True),
    "table12": ("Table 12: by class, others", ["one_vs_rest"], False),
}
TRANSFER_TABLES = {
    page: shown
    for page, shown in TRANSFER_TABLES.items()
    if clip_metrics(*shown[1:]) + transfer_metrics(*shown[1:])
}

for PAGE, (TITLE, *SHOWN_IN) in TRANSFER_TABLES.items():

    rule:
        name:
            f"exposure_{PAGE}"
        input:
            clip_metrics(*SHOWN_IN) + transfer_metrics(*SHOWN_IN),
        output:
            **table(PAGE, TITLE, CLIP_CATEGORY, "exposure"),
        log:
            f"results/logs/tables/exposure_{PAGE}.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("transfer_table"),
            published=published("exposure"),
            table=PAGE,
            setup=described(CLIP, clip_metrics(*SHOWN_IN))
            + described(TRANSFER, transfer_metrics(*SHOWN_IN)),
        script:
            "../workflow_scripts/transfer_table.py"


if CLIP:

    rule exposure_clip_prompts:
        input:
            clip_files("prompts", CLIP.datasets),
        output:
            **figure("clip_prompts", "CLIP: prompts", CLIP_CATEGORY, "exposure"),
        log:
            "results/logs/figures/exposure_clip_prompts.log",
        conda:
            "../envs/plots.yaml"
        params:
            code=code("exposure_clip_prompts"),
        script:
            "../workflow_scripts/exposure_clip_prompts.py"


rule clip_pages:
    input:
        [page_files("tables", page, "exposure") for page in TRANSFER_TABLES],
        page_files("figures", "clip_prompts", "exposure") if CLIP else [],
