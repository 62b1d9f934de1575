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


rule objective_table4:
    input:
        both_protocols(*OBJECTIVE_MEASURED),
    output:
        **table(
            "table4",
            "Table 4: distribution of the centre",
            "2 The centre's distribution",
        ),
    log:
        "results/logs/tables/objective_table4.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_table"),
        published=published("objective"),
        table="table4",
        references=[section.reference() for section in PROTOCOLS.values()],
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS2:
    input:
        [
            path
            for protocol, section in PROTOCOLS.items()
            for dataset, backbones in section.compared_backbones.items()
            for backbone in backbones
            for path in protocol_metrics(
                protocol, "ours", datasets=[dataset], backbone=backbone
            )
        ],
    output:
        **table("tableS2", "Table S2: backbones", "4 Backbones and projectors"),
    log:
        "results/logs/tables/objective_tableS2.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_table"),
        published=published("objective"),
        table="table_s2",
        references=[section.reference() for section in PROTOCOLS.values()],
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS3:
    input:
        [
            path
            for protocol, section in PROTOCOLS.items()
            if section.compared_projectors
            for path in protocol_metrics(
                protocol, "projectors", datasets=section.compared_projectors
            )
        ],
    output:
        **table("tableS3", "Table S3: projectors", "4 Backbones and projectors"),
    log:
        "results/logs/tables/objective_tableS3.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_table"),
        published=published("objective"),
        table="table_s3",
        references=[section.reference() for section in PROTOCOLS.values()],
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS5:
    input:
        protocol_metrics("objective", *OBJECTIVE_MEASURED, "ours_projection"),
    output:
        **table("tableS5", "Table S5: norm of the centre", "3 The centre's norm"),
    log:
        "results/logs/tables/objective_tableS5.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_table"),
        published=published("objective"),
        table="table_s5",
        references=[OBJECTIVE.reference()],
    script:
        "../workflow_scripts/objective_table.py"


if LOCALISATION:

    rule objective_table2:
        input:
            protocol_metrics("localisation", *OBJECTIVE_MEASURED, "comparators"),
        output:
            **table(
                "table2",
                "Table 2: every method, by data set",
                "6 Where the defects are",
            ),
        log:
            "results/logs/tables/objective_table2.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("objective_table"),
            published=published("objective"),
            table="table2",
            references=[LOCALISATION.reference()],
        script:
            "../workflow_scripts/objective_table.py"

    rule objective_tableS4:
        input:
            protocol_metrics("localisation", *OBJECTIVE_MEASURED, "comparators"),
        output:
            **table(
                "tableS4",
                "Table S4: every method, by category",
                "6 Where the defects are",
            ),
        log:
            "results/logs/tables/objective_tableS4.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("objective_table"),
            published=published("objective"),
            table="table_s4",
            references=[LOCALISATION.reference()],
        script:
            "../workflow_scripts/objective_table.py"

    rule objective_tableS6:
        input:
            protocol_metrics("localisation", *OBJECTIVE_MEASURED),
        output:
            **table(
                "tableS6",
                "Table S6: norm of the centre, multi-scale",
                "3 The centre's norm",
            ),
        log:
            "results/logs/tables/objective_tableS6.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("objective_table"),
            published=published("objective"),
            table="table_s6",
            references=[LOCALISATION.reference()],
        script:
            "../workflow_scripts/objective_table.py"


if LOCALISATION and LOCALISATION.online:

    rule objective_table3:
        input:
            protocol_metrics("localisation", "online"),
        output:
            **table(
                "table3",
                "Table 3: learning online",
                "7 Online",
            ),
        log:
            "results/logs/tables/objective_table3.log",
        conda:
            "../envs/data.yaml"
        params:
            code=code("objective_table"),
            published=published("objective"),
            table="table3",
            references=[LOCALISATION.reference()],
        script:
            "../workflow_scripts/objective_table.py"


rule objective_tables:
    input:
        rules.objective_table1.output,
        rules.objective_tableS1.output,
        rules.objective_table2.output if LOCALISATION else [],
        rules.objective_table3.output if LOCALISATION and LOCALISATION.online else [],
        rules.objective_table4.output,
        (
            rules.objective_tableS2.output
            if any(section.compared_backbones for section in PROTOCOLS.values())
            else []
        ),
        (
            rules.objective_tableS3.output
            if any(section.compared_projectors for section in PROTOCOLS.values())
            else []
        ),
        rules.objective_tableS4.output if LOCALISATION else [],
        rules.objective_tableS5.output,
        rules.objective_tableS6.output if LOCALISATION else [],
