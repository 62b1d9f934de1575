"""Write the site of a run."""

from pathlib import Path

from oneclass import logs
from oneclass.site.write import Files, write

logs.to_file(snakemake.log[0])
params = snakemake.params
write(
    Files(**{name: Path(file) for name, file in snakemake.output.items()}),
    pages=params.pages,
    behind=params.behind,
    about=params.about,
    values=params.values,
    cards=[Path(card) for card in snakemake.input.get("cards", [])],
    claims=next(map(Path, snakemake.input.get("claims", [])), None),
)
