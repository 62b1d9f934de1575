"""Draw AUROC against the number of images that a learner has seen once."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import online, style

logs.to_file(snakemake.log[0])
history, summary = (
    pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    for paths in (snakemake.input.histories, snakemake.input.offline)
)
style.save(*online.figure_online(history, summary), Path(snakemake.output.png).with_suffix(""))
