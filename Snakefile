# From images to tables and figures:
#   images → index → features → models and scores → metrics → tables and figures
# `snakemake` makes everything, `snakemake objective_table4` one table, `snakemake -n` shows what would run, and
# `snakemake --list-rules` says what each rule does. Which files a rule reads is the library's business (oneclass.plan).

import sys

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from oneclass import config as schema
from oneclass import devices
from oneclass.claims.plan import ClaimsPlan
from oneclass.errors import UserError
from oneclass.files import require_writable
from oneclass.pages.plan import planned, require
from oneclass.plan.plan import Plan
from oneclass.price.jobs import behind
from oneclass.price.model import Price
from oneclass.workflow import (
    lift_default_rate,
    mark_running,
    prefix_of_jobs,
    quote_python,
    remark,
)

min_version("9.10")


# A file named on the command line replaces the default configuration; it is not merged into it.
if not workflow.configfiles:

    configfile: f"{workflow.basedir}/config.yaml"


try:
    for FILE in workflow.configfiles:
        schema.parsed(
            Path(FILE)
        )  # stricter than Snakemake, which takes the last of keys that are written twice
    CONFIG = schema.load(
        config,
        origin=", ".join(map(str, workflow.configfiles)) or "config",
        folder=Path(workflow.configfiles[-1]).parent,
    )
    PLAN = Plan(CONFIG, Path(workflow.basedir) / "workflow_scripts")
    require(PLAN, sys.argv)  # Snakemake tells its targets only after this file
    RUNNING = mark_running()
except UserError as error:
    raise WorkflowError(str(error)) from None

PRICE = Price(PLAN)
PAGES = planned(PLAN)
CLAIMS = ClaimsPlan(PLAN)
quote_python()
shell.prefix(prefix_of_jobs())

# The most cores that a job has. Where there is no GPU, no job waits for one and each has one core, as many at once as
# there are cores: most are short. Not for jobs that go to a cluster, which `--jobs` says, nor on its nodes.
CORES = 8
if workflow.is_main_process and workflow.nodes is None and not devices.present():
    CORES = 1
    if "gpu" not in workflow.global_resources or workflow.global_resources["gpu"].value:
        workflow.register_resource("gpu", 1000)


report: "report/workflow.rst"


# A dry run needs no pictures and no room; a run looks for all folders before it computes anything.
onstart:
    lift_default_rate(workflow.scheduler)
    jobs = [job for job in workflow.dag.needrun_jobs() if job.rule.name == "index"]
    try:
        require_writable(Path("results"))
        PLAN.images.require_folders(job.wildcards.images for job in jobs)
    except UserError as error:
        raise WorkflowError(str(error)) from None


onerror:
    if said := remark(log):
        print(said, file=sys.stderr)


wildcard_constraints:
    **PLAN.constraints(),


include: "rules/images.smk"


if PLAN.protocols:

    include: "rules/objective.smk"


if PLAN.exposure:

    include: "rules/exposure.smk"


if PLAN.search:

    include: "rules/search.smk"


if PLAN.clip:

    include: "rules/clip.smk"


if PLAN.transfer:

    include: "rules/transfer.smk"


if PLAN.baselines:

    include: "rules/baselines.smk"


include: "rules/evaluate.smk"


if CONFIG.detector:

    include: "rules/detector.smk"


include: "rules/pages.smk"


if CLAIMS.is_made:

    include: "rules/claims.smk"


include: "rules/site.smk"


rule all:
    """Make every page, every detector and the verdicts on the claims, as the configuration asks, and the site of all."""
    default_target: True
    input:
        rules.site.input,
        rules.site.output,


for EACH in workflow.rules:
    EACH.priority = PRICE.priority(EACH.name)
