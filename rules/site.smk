# pages, claims and detectors → one site of the run's results


rule site:
    """Write results/index.html: the claims, then every figure and table with its caption, in one page."""
    input:
        [list(page.outputs.values()) for page in PAGES],
        cards=(rules.detector.input if CONFIG.detector else []),
        claims=([rules.claims.output.csv] if CLAIMS.is_made else []),
    output:
        index="results/index.html",
        jobs="results/jobs.html",
        configuration="results/configuration.yaml",
    log:
        "results/logs/site.log",
    benchmark:
        "results/benchmarks/site.tsv"
    localrule: True
    conda:
        "../envs/pages.yaml"
    params:
        code=PLAN.code("write_site"),
        pages=[page.entry for page in PAGES],
        behind=lambda wildcards: behind(PLAN),
        about=PLAN.about,
        values=CONFIG.model_dump(mode="json", exclude_unset=True, exclude={"extends"}),
    script:
        "../workflow_scripts/write_site.py"
