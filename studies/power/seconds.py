"""How long the profile quick takes for each role, one claim after another on one core."""

import importlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

from examples.frameworks.cases import CASES, FOLDER, is_here
from harness.declaration.roles import PROTOCOLS, ROLES
from harness.run.api import check_implementation, chosen_claims
from reports.tables import Table, read_tables
from studies.power.tables import DATA
from studies.tables import made


def seconds_tables(wanted: Sequence[str] = ()) -> Iterator[Table]:
    """The table after each measurement: of every role's reference and each framework's object.

    `wanted` are names of frameworks or of objects; all, unless any is.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    measured = read_tables(DATA).get("seconds")
    rows: dict[Any, Sequence[Any]] = {}
    if measured is not None:
        rows = {row[:3]: row for row in measured.rows}
    for framework, role, name, target in _objects():
        if not wanted or framework in wanted or name in wanted:
            rows[framework, role, name] = [framework, role, name, _seconds(f"{role}={target}")]
            yield _table(sorted(rows.values(), key=tuple))


def _table(rows: Sequence[Sequence[Any]]) -> Table:
    return made("seconds", rows, {"slowest": max(row[3] for row in rows)})


def _objects() -> Iterator[tuple[str, str, str, str]]:
    for role in ROLES:
        if role not in PROTOCOLS and chosen_claims((role,)):
            yield "reference", role, "", ROLES[role]
    for module, role, name, _ in CASES:
        if chosen_claims((role,)) and is_here(module):
            importlib.import_module(f"{FOLDER}.{module}")  # loaded before the clock runs
            yield (module.removesuffix("_roles"), role, name, f"{FOLDER}.{module}:{name}")


def _seconds(spec: str) -> float:
    started = time.process_time()
    check_implementation(spec)
    found = round(time.process_time() - started, 1)
    print(spec, found, flush=True)
    return found
