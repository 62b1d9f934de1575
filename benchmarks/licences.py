"""List the licence that each package of the lock states about itself, as Markdown.

Of packages that this platform needs, which are installed; the others of the lock are counted.
"""

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parents[1] / "requirements.lock"


def licence(package: Any) -> str:
    """What its metadata say: the expression, the classifiers, or the first line of the text; else nothing."""
    if expression := package.get("License-Expression"):
        return expression
    found = [each.split(" :: ")[-1] for each in package.get_all("Classifier") or [] if each.startswith("License ::")]
    text = (package.get("License") or "").strip().split("\n")[0]
    return ", ".join(name for name in found if name != "OSI Approved") or text.replace("UNKNOWN", "")


def locked(lock: Path) -> list[str]:
    """Names of the packages in a lock."""
    return re.findall(r"^([A-Za-z0-9_.-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)


def main() -> None:
    elsewhere, silent = 0, []
    print("| package | version | licence |\n|---|---|---|")
    for name in locked(LOCK):
        try:
            package: Any = metadata(name)
        except PackageNotFoundError:
            elsewhere += 1
            continue
        stated = licence(package)
        silent += [] if stated else [name]
        print(f"| {name} | {package['Version']} | {stated or '(states none)'} |")
    print(
        f"\n{elsewhere} more are for other platforms; {len(silent)} state no licence{': ' if silent else ''}"
        f"{', '.join(silent)}."
    )


if __name__ == "__main__":
    main()
