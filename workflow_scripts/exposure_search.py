"""Draw how good the best outlier is, and how bad the worst, the more of them a search has tried."""

from pathlib import Path

import pandas as pd

from oneclass import logs
from oneclass.figures import search, style

logs.to_file(snakemake.log[0])
history = pd.concat([pd.read_parquet(path) for path in snakemake.input], ignore_index=True)
style.save(*search.draw(history), Path(snakemake.output.png).with_suffix(""))
