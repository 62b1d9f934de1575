# metrics → the tables of paper 1. Each rule has the name of its table: `snakemake objective_table4`.

OBJECTIVE_MEASURED = ["ours", "ours_moments", "ours_closed_form"]

DATASETS = list(
    dict.fromkeys(name for section in PROTOCOLS.values() for name in section.datasets)
)

# Data sets on which fine-tuned networks stand beside the projector, with the same backbone.
FINETUNED = (
    [name for name in OBJECTIVE.datasets if name in TRANSFER.datasets]
    if TRANSFER and TRANSFER.backbone == OBJECTIVE.backbone
    else []
)


rule objective_table1:
    input:
        metrics=protocol_metrics("objective", *OBJECTIVE_MEASURED, "comparators"),
        features=f"results/features/{OBJECTIVE.datasets[0]}/{OBJECTIVE.backbone}/none.h5",
        finetuned=transfer(FINETUNED),
        finetuned_size=transfer_size(FINETUNED),
    output:
        **table("table1", "Table 1: every method", "1 Protocol A"),
    log:
        "results/logs/tables/objective_table1.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_table1"),
        published=published("objective"),
        reference=OBJECTIVE.reference(),
        finetuned_note=" ".join(TRANSFER.describe()) if FINETUNED else "",
    script:
        "../workflow_scripts/objective_table1.py"


rule objective_tableS1:
    input:
        expand("results/index/{dataset}.parquet", dataset=DATASETS),
    output:
        **table("tableS1", "Table S1: data sets", "1 Protocol A"),
    log:
        "results/logs/tables/objective_tableS1.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_tableS1"),
        published=published("objective"),
        classes={dataset: CONFIG.normal_classes(dataset) for dataset in DATASETS},
    script:
        "../workflow_scripts/objective_tableS1.py"


# Page: its title and category, the metrics it shows, and the protocols whose main setting it knows.
OBJECTIVE_TABLES = {
    "table4": (
        "Table 4: distribution of the centre",
        "2 The centre's distribution",
        both_protocols(*OBJECTIVE_MEASURED),
        PROTOCOLS,
    ),
    "tableS2": (
        "Table S2: backbones",
        "4 Backbones and projectors",
        [
            path
            for protocol, section in PROTOCOLS.items()
            for dataset, backbones in section.compared_backbones.items()
            for backbone in backbones
            for path in protocol_metrics(
                protocol, "ours", datasets=[dataset], backbone=backbone
            )
        ],
        PROTOCOLS,
    ),
    "tableS3": (
        "Table S3: projectors",
        "4 Backbones and projectors",
        [
            path
            for protocol, section in PROTOCOLS.items()
            if section.compared_projectors
            for path in protocol_metrics(
                protocol, "projectors", datasets=section.compared_projectors
            )
        ],
        PROTOCOLS,
    ),
    "tableS5": (
        "Table S5: norm of the centre",
        "3 The centre's norm",
        protocol_metrics("objective", *OBJECTIVE_MEASURED, "ours_projection"),
        ["objective"],
    ),
}
if LOCALISATION:
    OBJECTIVE_TABLES |= {
        "table2": (
            "Table 2: every method, by data set",
            "6 Where the defects are",
            protocol_metrics("localisation", *OBJECTIVE_MEASURED, "comparators"),
            ["localisation"],
        ),
        "tableS4": (
            "Table S4: every method, by category",
            "6 Where the defects are",
            protocol_metrics("localisation", *OBJECTIVE_MEASURED, "comparators"),
            ["localisation"],
        ),
        "tableS6": (
            "Table S6: norm of the centre, multi-scale",
            "3 The centre's norm",
            protocol_metrics("localisation", *OBJECTIVE_MEASURED),
            ["localisation"],
        ),
    }
if LOCALISATION and LOCALISATION.online:
    OBJECTIVE_TABLES["table3"] = (
        "Table 3: learning online",
        "7 Online",
        protocol_metrics("localisation", "online"),
        ["localisation"],
    )

OBJECTIVE_TABLES = {page: shown for page, shown in OBJECTIVE_TABLES.items() if shown[2]}

for PAGE, (TITLE, CATEGORY, METRICS, DESCRIBED) in OBJECTIVE_TABLES.items():

    rule:
        name:
            f"objective_{PAGE}"
        input:
            METRICS,
        output:
            **table(PAGE, TITLE, CATEGORY),
        log:
            f"results/logs/tables/objective_{PAGE}.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("objective_table"),
            published=published("objective"),
            table=PAGE.replace("tableS", "table_s"),
            references=[PROTOCOLS[protocol].reference() for protocol in DESCRIBED],
        script:
            "../workflow_scripts/objective_table.py"


rule objective_tables:
    input:
        rules.objective_table1.output,
        rules.objective_tableS1.output,
        [page_files("tables", page, "objective") for page in OBJECTIVE_TABLES],
