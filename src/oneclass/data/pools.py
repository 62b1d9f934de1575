"""What is selected for a pool of outliers: images of any source, whatever their split, that are shown as anomalous."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from heapq import nsmallest
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oneclass.data.index import Index
from oneclass.data.readable import fault
from oneclass.data.record import COLUMNS, Record
from oneclass.data.sources._files import installed
from oneclass.data.sources.imagenet30 import WNIDS
from oneclass.data.threads import mapped
from oneclass.errors import UserError
from oneclass.seeds import derive

log = logging.getLogger(__name__)

Records = Iterable[Record]
_PART = 100_000  # records in memory at once
IMAGENET1K = "data/_info/imagenet_synsets.txt"  # in timm: the wnids of ImageNet-1k


def select(name: str, options: Mapping[str, Any], records: Records, seed: int) -> pd.DataFrame:
    """The rows of the pool ``name``, all of one split.

    Of ``records`` those of ``split`` stay, or all of them; of their classes those in ``keep``, or all of them, without
    those in ``exclude`` and in ``exclude_file`` (a name per line, # begins comments; or the name of a list known here);
    of what is left ``limit`` images, by the same ranking as in ``build``. Raises ``UserError`` if a class to keep is
    not there, if none of a list to exclude is, and if no image is left.
    """
    keep = set(options.get("keep") or ())
    exclude = {key: names for key, names in _excluded(name, options).items() if options.get(key)}
    seen: set[str] = set()  # class names

    def kept() -> Iterator[Record]:
        for record in records:
            seen.add(record.class_name)
            if options.get("split") and record.split != options["split"]:
                continue
            if keep and record.class_name not in keep:
                continue
            if not any(record.class_name in names for names in exclude.values()):
                yield record

    def rank(record: Record) -> tuple[int, str]:
        return derive(seed, options["source"], record.id), record.id

    limit = options.get("limit")
    chosen = kept() if limit is None else nsmallest(limit, kept(), key=rank)  # a pool may be huge: no full sort
    table = _table(chosen)
    _check(name, keep, exclude, seen)
    if table.empty:
        keys = [key for key in ("split", "keep", "exclude", "exclude_file") if options.get(key)] or ["path"]
        raise UserError(f"oe_pools.{name}: no image is left; correct {' or '.join(keys)}")
    return table.assign(split="train", label=0, defect="", mask="").astype({"item": "int64", "label": "int8"})


def _table(records: Records) -> pd.DataFrame:
    """A row for each; in parts, since millions of records take several times the memory of their table."""
    left, parts = iter(records), []
    while part := list(islice(left, _PART)):
        parts.append(pd.DataFrame([vars(record) for record in part], columns=list(COLUMNS)))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))


def without_unreadable(pool: Index, workers: int) -> Index:
    """``pool`` without the picture files that cannot be read; each is named in the log, and their number is kept.

    Every file is decoded once, by ``workers`` at a time: a training that met a damaged one would stop after hours.
    """
    if not (pool.table["reader"] == "image").any():
        return pool
    faults = np.array(list(mapped(fault, pool, workers, "checked")), object)
    for reason in faults[faults != ""]:
        log.warning("left out: %s", reason)
    if (faults != "").all():
        raise UserError(f"oe_pools.{pool.name}: no picture can be read, as the first: {faults[0]}")
    table = pool.table[faults == ""].reset_index(drop=True)
    return Index.create(table, pool.name, pool.root, int((faults != "").sum()))


def _excluded(name: str, options: Mapping[str, Any]) -> dict[str, set[str]]:
    """The classes to leave out, by the key that names them."""
    file = options.get("exclude_file")
    listed = _listed(name, file) if file else set()
    return {"exclude": set(options.get("exclude") or ()), "exclude_file": listed}


def _listed(name: str, file: str) -> set[str]:
    if file == "imagenet30":
        return set(WNIDS.values())
    path = installed("timm", "timm") / IMAGENET1K if file == "imagenet1k" else Path(file)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise UserError(
            f"oe_pools.{name}.exclude_file: '{file}' cannot be read ({error}); write it, or name imagenet1k or "
            "imagenet30, whose wnids are known"
        ) from error
    return {line.split("#")[0].strip() for line in lines} - {""}


def _check(name: str, keep: set[str], exclude: Mapping[str, set[str]], seen: set[str]) -> None:
    known = sorted(seen)
    there_is = f"there is: {', '.join(known[:12])}{', …' if len(known) > 12 else ''}"
    if keep - seen:
        raise UserError(f"oe_pools.{name}.keep: no class '{min(keep - seen)}'; {there_is}")
    for key, names in exclude.items():
        if not names & seen:
            raise UserError(f"oe_pools.{name}.{key}: none of its {len(names)} name(s) is a class; {there_is}")
