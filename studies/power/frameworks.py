"""The frameworks' own correct primitives at many salts: refuted only where a finding says so."""

import json
import os
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from examples.frameworks.cases import CASES, as_documented, is_here, surprises
from examples.frameworks.cases import thing as object_of
from harness.run.api import chosen_claims
from reports.tables import Table, read_tables
from studies.power.salts import NO_LIMIT, SALTS, STORE
from studies.power.tables import DATA
from studies.tables import made

RUNS = STORE.with_name("frameworks.jsonl")
COUNT = 10


def measure(frameworks: Sequence[str] = (), path: Path = RUNS) -> None:
    """Judge what has not been judged yet and is installed, a line of JSON for each.

    `frameworks` are names such as jax; all, unless any is given.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    path.parent.mkdir(parents=True, exist_ok=True)
    done = {(run["module"], run["name"], run["salt"]) for run in stored(path)}
    for module, role, name, findings in sorted(CASES, key=_cost):
        if frameworks and module.removesuffix("_roles") not in frameworks:
            continue
        for salt in SALTS[:COUNT]:
            if (module, name, salt) in done or not chosen_claims((role,)) or not is_here(module):
                continue
            started = time.perf_counter()
            found = surprises(role, object_of(module, name), salt, NO_LIMIT)
            run = {
                "module": module, "role": role, "name": name, "salt": salt, "found": found,
                "expected": findings, "seconds": round(time.perf_counter() - started, 1),
            }  # fmt: skip
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(run) + "\n")
            if not as_documented(found, findings):
                print(run, flush=True)


def stored(path: Path = RUNS) -> Iterator[dict[str, Any]]:
    """What has been judged; a torn line is left out."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def frameworks_table() -> Table | None:
    """A line for each object: at how many salts it ended as expected; None if none was judged."""
    known = {(module, role, name): findings for module, role, name, findings in CASES}
    runs: dict[tuple[str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for run in stored():
        runs[run["module"], run["role"], run["name"]].append(run)
    if not runs:
        return None
    rows = []
    for (module, role, name), found in sorted(runs.items()):
        documented = known.get((module, role, name), {})
        agree = sum(as_documented(run["found"], documented) for run in found)
        findings = ", ".join(documented) or "none"
        shown = module.removesuffix("_roles")
        rows.append([shown, role, name.replace("_", " "), f"{agree} of {len(found)}", findings])
    return made("frameworks", rows)


def _cost(case: tuple[str, str, str, dict[str, str]]) -> float:
    """What the profile quick took for it, so that the cheap ones come first."""
    measured = read_tables(DATA).get("seconds")
    known: dict[Any, Any] = {}
    if measured is not None:
        known = {(row[0], row[2]): row[3] for row in measured.rows}
    return float(known.get((case[0].removesuffix("_roles"), case[2]), 0.0))
