# From images to tables and figures:
#   images → index → features → models and scores → metrics → tables and figures
# `snakemake` makes everything, `snakemake objective_table4` one table, `snakemake -n` shows what would run.

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

from oneclass import config as schema
from oneclass.errors import UserError

min_version("9.10")


# A file named on the command line replaces the default configuration; it is not merged into it.
if not workflow.configfiles:

    configfile: f"{workflow.basedir}/config.yaml"


try:
    CONFIG = schema.load(
        config, origin=", ".join(map(str, workflow.configfiles)) or "config"
    )
except UserError as error:
    raise WorkflowError(str(error)) from None


include: "rules/common.smk"
include: "rules/common_exposure.smk"
include: "rules/common_clip.smk"
include: "rules/common_search.smk"
include: "rules/index.smk"
include: "rules/features.smk"


if OBJECTIVE:

    include: "rules/common_objective.smk"
    include: "rules/objective.smk"
    include: "rules/tables.smk"
    include: "rules/figures.smk"


if LOCALISATION:

    include: "rules/localisation.smk"


if EXPOSURE or CLIP or TRANSFER:

    include: "rules/pools.smk"


if EXPOSURE:

    include: "rules/exposure.smk"


if EXPOSURE or CLIP:

    include: "rules/exposure_pages.smk"


if CLIP:

    include: "rules/clip.smk"


if CLIP or TRANSFER:

    include: "rules/clip_pages.smk"


if TRANSFER:

    include: "rules/transfer.smk"


if SEARCH:

    include: "rules/search.smk"
    include: "rules/search_pages.smk"


if DETECTOR:

    include: "rules/detector.smk"


rule all:
    default_target: True
    input:
        (rules.objective_tables.input if OBJECTIVE else []),
        (rules.objective_figures.input if OBJECTIVE else []),
        (rules.exposure_pages.input if EXPOSURE or CLIP else []),
        (rules.clip_pages.input if CLIP or TRANSFER else []),
        (rules.search_pages.input if SEARCH else []),
        (rules.detector.input if DETECTOR else []),
