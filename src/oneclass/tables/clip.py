"""CLIP in the tables of paper 2: its methods, a miniature told from the real one, and what is said of them below."""

import pandas as pd

NETWORK = "clip"
MINIATURE = "mini_"  # begins the name of a backbone that was trained here on captioned digits
SAME = {"CLIP": "clip", "BCE-CL": "bce_cl"}  # the paper's name for a method -> ours
ZERO_SHOT = [
    *("mini_clip", "mini_clip_float16", "mini_clip_shuffled"),
    *("clip", "clip_float16", "clip_shuffled"),
]
FINE_TUNED = ["mini_bce_cl", "bce_cl"]
SMALL_CLIP = (
    "Miniature CLIP is a small CLIP that was trained here on captioned digits of the same classes: its training images "
    "have captions of all ten digits, those that are anomalous at test included. Its numbers are not comparable with "
    "those of the real CLIP, and none of the paper's stands beside them. Miniature BCE-CL: the same, fine-tuned with "
    "outliers."
)
TIES = (
    "float16: scored by the probability itself in float16, as the paper's authors do, where many images may tie. "
    "Columns of CLIP (here) without the word are scored by differences of logits in float32, which do not saturate."
)
CONTROL = (
    "shuffled captions: the control, trained as the miniature is but with the captions of other images. Near 50 it "
    "shows that the text does the work."
)


def apart(summary: pd.DataFrame) -> pd.DataFrame:
    """``summary`` in which methods of the miniature have names of their own, which no published number has."""
    method, backbone = (summary[name].astype(object) for name in ("method", "backbone"))
    small = (summary["network"] == NETWORK) & backbone.fillna("").str.startswith(MINIATURE)
    return summary.assign(method=method.mask(small, MINIATURE + method))


def notes(tidy: pd.DataFrame) -> list[str]:
    """What is said of the CLIP methods that were measured in a table of ``apart`` methods."""
    methods = tidy.loc[tidy["mean"].notna(), "method"]
    found = {SMALL_CLIP: MINIATURE, TIES: "_float16", CONTROL: "_shuffled"}
    return [note for note, part in found.items() if methods.str.contains(part).any()]
