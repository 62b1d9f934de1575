"""Describe the data sets as they were indexed."""

from pathlib import Path

import pandas as pd

from oneclass import logs, published
from oneclass.data import describe, index
from oneclass.tables import objective, render

logs.to_file(snakemake.log[0])
indexes = [index.read(Path(path)) for path in snakemake.input]
sizes = pd.DataFrame([describe.sizes(table, snakemake.params.classes[table.attrs["dataset"]]) for table in indexes])
render.render(objective.table_s1(sizes, published.load("objective")), Path(snakemake.output.csv).with_suffix(""))
