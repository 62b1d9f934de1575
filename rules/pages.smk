# metrics, scores, models and images → the tables and figures of both papers. Each page of the catalogue has a rule of its
# name, `snakemake objective_table4`, all with the same script. The report sorts its lists as text.

for PLACE, PAGE in enumerate(PAGES, 1):

    rule:
        name:
            PAGE.page.name
        input:
            **PAGE.inputs,
        output:
            report(
                PAGE.outputs[PAGE.shown],
                caption="../report/caption.rst",
                category=PAGE.page.section.name,
                labels={"page": f"{PLACE:02} {PAGE.page.heading}"},
            ),
            [PAGE.outputs[suffix] for suffix in PAGE.outputs if suffix != PAGE.shown],
        log:
            f"results/logs/{PAGE.page.kind}/{PAGE.page.name}.log",
        benchmark:
            f"results/benchmarks/{PAGE.page.kind}/{PAGE.page.name}.tsv"
        localrule: True
        conda:
            "../envs/pages.yaml"
        params:
            code=PLAN.code("page", PAGE.page.module),
            caption=lambda wildcards, page=PAGE: page.page.caption,
            settings=lambda wildcards, page=PAGE: page.settings,
        script:
            "../workflow_scripts/page.py"

    workflow.get_rule(PAGE.page.name).docstring = PAGE.page.heading
