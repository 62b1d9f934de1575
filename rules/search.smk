# paper 2: the best and the worst single outlier, by evolution and by random search


rule search:
    """Search for the best and the worst outlier of one class, by evolution and at random."""
    input:
        index="results/index/{dataset}.parquet",
        pool_index="results/index/{pool}.parquet",
        kept="results/outliers/{dataset}/{pool}/pool.parquet",
        images=lambda wildcards: PLAN.search.stores(wildcards.dataset, wildcards),
        pool_images=lambda wildcards: PLAN.search.stores(wildcards.pool, wildcards),
    output:
        [
            f"results/{PLAN.search.pattern}_{direction}.parquet"
            for direction in PLAN.search.section.directions
        ],
    log:
        f"results/logs/{PLAN.search.pattern}.log",
    benchmark:
        f"results/benchmarks/{PLAN.search.pattern}.tsv"
    wildcard_constraints:
        method="|".join(PLAN.search.section.methods),
    conda:
        "../envs/torch.yaml"
    threads: CORES
    resources:
        **PRICE.resources("search"),
        gpu=1,
    params:
        code=lambda wildcards: PLAN.code(
            "search", *PLAN.exposure.modules(wildcards.network, wildcards.method)
        ),
        settings=lambda wildcards: PLAN.search.settings(
            wildcards.dataset, wildcards.network, wildcards.method
        ),
        scratch="results/search/.scratch",
        seed=CONFIG.seed,
    script:
        "../workflow_scripts/search.py"
