"""Whether two contenders give the same figures; counts and sums to the last digit, the others to 1e-9 of their value.

    python -m bench.agree REPORT OTHER

`REPORT` is what `kpi report --format json` wrote, `OTHER` what one of the scripts beside this file did. Prints each
difference and ends with exit code 1 if there is one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench.book import MEASURES

NEAR = Decimal("1e-9")
NOBODY = ""
"""The owner of the rows without one."""

Amount = Decimal | None
Place = tuple[str, ...]
"""A KPI, and which of its figures: value, prior, a month of the trend, or an owner's value or prior."""


def read(path: Path) -> Any:  # noqa: ANN401 - JSON is any
    """A file's JSON, its numbers as they are written."""
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal, parse_int=Decimal)


def figures_of_report(report: dict[str, Any]) -> dict[Place, Amount]:
    """What a scorecard says."""
    found: dict[Place, Amount] = {}
    for kpi in report["kpis"]:
        for name in ("value", "prior"):
            found[kpi["id"], name] = kpi[name]
            found |= {(kpi["id"], group["member"] or NOBODY, name): group[name] for group in kpi["groups"]}
        found |= {(kpi["id"], "trend", point["period"]): point["value"] for point in kpi["trend"]}
    return found


def figures_of_script(answer: dict[str, Any]) -> dict[Place, Amount]:
    """What a script wrote."""
    found: dict[Place, Amount] = {}
    for kpi, figures in answer.items():
        found |= {(kpi, "value"): figures["value"], (kpi, "prior"): figures["prior"]}
        found |= {(kpi, "trend", month): value for month, value in figures["trend"].items()}
        for owner, (value, prior) in figures["groups"].items():
            found |= {(kpi, owner, "value"): value, (kpi, owner, "prior"): prior}
    return found


def differences(report: Path, other: Path) -> Iterator[str]:
    """A sentence for each figure on which the two don't agree.

    The rows without an owner are a member that nobody lists: where a KPI has none of them, its report leaves the member
    out, and where it had none in the month before, their prior. The scripts count 0 there, or find nothing.
    """
    ours, theirs = figures_of_report(read(report)), figures_of_script(read(other))
    for place in sorted(ours.keys() | theirs.keys()):
        kpi, owner = place[0], place[1]
        if place not in theirs:
            yield f"{' '.join(place)}: only kpicli has it"
        elif owner == NOBODY and ours.get(place) is None:
            if theirs[kpi, NOBODY, "value"] and theirs[place]:
                yield f"{' '.join(place)}: kpicli doesn't have it"
        elif place not in ours:
            yield f"{' '.join(place)}: kpicli doesn't have it"
        elif not same(kpi, ours[place], theirs[place]):
            yield f"{' '.join(place)}: {ours[place]} in kpicli, {theirs[place]} there"


def same(kpi: str, ours: Amount, theirs: Amount) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    near = 0 if MEASURES[kpi].adds_up else NEAR * abs(ours)
    return abs(ours - theirs) <= near


def main() -> int:
    found = list(differences(Path(sys.argv[1]), Path(sys.argv[2])))
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
