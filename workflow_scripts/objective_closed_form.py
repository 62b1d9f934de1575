"""Draw the closed form's AUROC over training time, beside the trained projectors'."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import closed_form, style

logs.to_file(snakemake.log[0])
solved, trained = (
    pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    for paths in (snakemake.input.histories, snakemake.input.trained)
)
style.save(*closed_form.figure_closed_form(solved, trained), Path(snakemake.output.png).with_suffix(""))
