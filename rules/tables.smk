# metrics → the tables of paper 1. Each rule has the name of its table: `snakemake objective_table4`.

OBJECTIVE_MEASURED = ["ours", "ours_moments", "ours_closed_form"]


rule objective_table1:
    input:
        metrics=[
            path
            for method in [*OBJECTIVE_MEASURED, "comparators"]
            for path in objective("metrics", method)
        ],
        features=f"results/features/{OBJECTIVE.datasets[0]}/{OBJECTIVE.backbone}/none.h5",
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
    script:
        "../workflow_scripts/objective_table1.py"


rule objective_tableS1:
    input:
        expand("results/index/{dataset}.parquet", dataset=OBJECTIVE.datasets),
    output:
        **table("tableS1", "Table S1: data sets", "1 Protocol A"),
    log:
        "results/logs/tables/objective_tableS1.log",
    conda:
        "../envs/data.yaml"
    params:
        code=code("objective_tableS1"),
        published=published("objective"),
        classes={
            dataset: CONFIG.normal_classes(dataset) for dataset in OBJECTIVE.datasets
        },
    script:
        "../workflow_scripts/objective_tableS1.py"


rule objective_table4:
    input:
        [path for method in OBJECTIVE_MEASURED for path in objective("metrics", method)],
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
        reference=OBJECTIVE.reference(),
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS2:
    input:
        backbone_metrics,
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
        reference=OBJECTIVE.reference(),
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS3:
    input:
        objective("metrics", "projectors", OBJECTIVE.compared_projectors),
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
        reference=OBJECTIVE.reference(),
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tableS5:
    input:
        [
            path
            for method in [*OBJECTIVE_MEASURED, "ours_projection"]
            for path in objective("metrics", method)
        ],
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
        reference=OBJECTIVE.reference(),
    script:
        "../workflow_scripts/objective_table.py"


rule objective_tables:
    input:
        rules.objective_table1.output,
        rules.objective_tableS1.output,
        rules.objective_table4.output,
        rules.objective_tableS2.output if OBJECTIVE.compared_backbones else [],
        rules.objective_tableS3.output if OBJECTIVE.compared_projectors else [],
        rules.objective_tableS5.output,
