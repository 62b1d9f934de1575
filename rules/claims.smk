# scores, histories and searches → what the run says of the papers' claims


rule claims:
    """Judge the claims of both papers by what this run found."""
    input:
        **CLAIMS.inputs,
    output:
        html=report(
            "results/claims.html",
            caption="../report/caption.rst",
            category="0 Claims",
            labels={"page": "Claims"},
        ),
        csv="results/claims.csv",
        markdown="results/claims.md",
    log:
        "results/logs/claims.log",
    benchmark:
        "results/benchmarks/claims.tsv"
    conda:
        "../envs/pages.yaml"
    resources:
        **PRICE.resources("claims"),
    params:
        code=PLAN.code("claims"),
        caption="What the papers claim, and which of it holds in this run: a number, its interval and a verdict for "
        "each claim.",
        settings=CLAIMS.settings,
    script:
        "../workflow_scripts/claims.py"
