"""The numbers that the papers print, one tracked CSV per paper: what tables show beside those measured here."""

from functools import cache
from importlib.resources import files

import pandas as pd

from oneclass.errors import UserError

NUMBERS = ["value", "std", "center_norm"]


def load(paper: str) -> pd.DataFrame:
    """Published values of ``paper`` ("objective" or "exposure"), a row each, as printed (AUROC in percent).

    Both have ``paper, table, dataset, class, method, metric, value, std``; class ``mean`` is the paper's average.

    "objective" adds ``backbone, projector, center, center_norm, protocol``. ``protocol`` is inferred where it does not
    say: B for MVTec AD in tables with the 99.0 of its multi-scale model, A for the two other backbones of Table S2.

    "exposure" adds ``outlier`` (``best`` or ``worst``, where there is a single one), ``filter`` (``lpf``, ``hpf`` or
    ``none``), ``radial`` and ``augmented`` (Table 6: h(z) of HSC; ``yes`` or ``no``). Methods keep the asterisk of
    results from the literature; ``(OE)`` tells apart the second column of a name. ``std`` is over seeds, but over
    the classes for ``mean`` (not said in the paper, but its numbers are). Table ``fig2`` has what Section 5.2 says of
    Figure 2: ``hsc_crossing``, the number of outliers from which BCE is ahead of HSC (about, on ImageNet-30).

    ``value``, ``std`` and ``center_norm`` are float64, the rest strings; what a paper does not give is NaN. Raises
    ``UserError`` for an unknown paper.
    """
    source = files(__name__) / f"{paper}.csv"
    if not source.is_file():
        known = sorted(
            file.name.removesuffix(".csv") for file in files(__name__).iterdir() if file.name.endswith(".csv")
        )
        raise UserError(f"no published numbers of a paper '{paper}'; there is: {', '.join(known)}")
    with source.open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream, dtype=str, keep_default_na=False, na_values=[""])
    return frame.assign(**{name: pd.to_numeric(frame[name]).astype("float64") for name in NUMBERS if name in frame})


@cache
def class_counts() -> dict[str, int]:
    """How many classes the papers' averages over each data set have: of paper 2 those that it lists, of paper 1 the
    categories of its Table S1."""
    objective, exposure = load("objective"), load("exposure")
    classes = exposure.loc[exposure["class"] != "mean", ["dataset", "class"]].drop_duplicates()
    categories = objective[objective["metric"] == "categories"]
    counts = {name: int(count) for name, count in zip(categories["dataset"], categories["value"], strict=True)}
    return {name: classes["dataset"].tolist().count(name) for name in classes["dataset"]} | counts
