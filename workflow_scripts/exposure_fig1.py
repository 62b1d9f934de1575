"""Draw the two-dimensional toy."""

from pathlib import Path

from oneclass import logs
from oneclass.exposure.toy import run
from oneclass.figures import style, toy

logs.to_file(snakemake.log[0])
style.save(*toy.figure1(run(snakemake.params.seed)), Path(snakemake.output.png).with_suffix(""))
