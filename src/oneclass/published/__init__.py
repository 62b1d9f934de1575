"""The numbers that the papers print, one tracked CSV a paper: what a table shows beside our own."""

from importlib.resources import files

import pandas as pd

from oneclass.errors import UserError

NUMBERS = ["value", "std", "norm"]


def load(paper: str) -> pd.DataFrame:
    """Published values of ``paper`` ("objective"), a row each, as printed (AUROC in percent).

    Columns ``paper, table, dataset, class, method, metric, value, std, backbone, projector, center, norm, protocol``;
    class ``mean`` is the paper's average. ``protocol`` is inferred where the paper does not say: B for MVTec AD in
    tables with the 99.0 of its multi-scale model, A for the two other backbones of Table S2. ``value``, ``std`` and
    ``norm`` are float64 (NaN where the paper gives none), the rest strings (empty where the paper gives none). Raises
    ``UserError`` for an unknown paper.
    """
    source = files(__name__) / f"{paper}.csv"
    if not source.is_file():
        known = sorted(
            file.name.removesuffix(".csv") for file in files(__name__).iterdir() if file.name.endswith(".csv")
        )
        raise UserError(f"no published numbers of a paper '{paper}'; there is: {', '.join(known)}")
    with source.open(encoding="utf-8") as stream:
        frame = pd.read_csv(stream, dtype=str, na_filter=False)
    return frame.assign(**{name: pd.to_numeric(frame[name]).astype("float64") for name in NUMBERS})
