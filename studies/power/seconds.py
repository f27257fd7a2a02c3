"""How long the profile quick takes for each role, one claim after another on one core."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

from harness.declaration.roles import PROTOCOLS, ROLES
from harness.run.conformance import check_implementation, chosen_claims
from studies.power.frameworks import cases, is_here
from studies.power.tables import Table, read, table


def seconds_tables(wanted: Sequence[str] = ()) -> Iterator[Table]:
    """The table after each measurement: of every role's reference and each framework's object.

    `wanted` are names of frameworks or of objects; all, unless any is.
    """
    os.environ.setdefault("KERAS_BACKEND", "torch")
    rows = {tuple(row[:3]): row for row in read().get("seconds", {"rows": []})["rows"]}
    for framework, role, name, target in _objects():
        if not wanted or framework in wanted or name in wanted:
            rows[framework, role, name] = [framework, role, name, _seconds(f"{role}={target}")]
            yield _table(sorted(rows.values()))


def _table(rows: Sequence[Sequence[Any]]) -> Table:
    slowest = max(row[3] for row in rows)
    return table(
        "Seconds of the profile quick",
        "quick 档所需秒数",
        [
            "Every claim that takes the role and trains nothing, one after another in one process, "
            "without a GPU. Seconds of processor time, which other work on the machine does not "
            f"change much; the most is {slowest:g}.",
        ],
        "python -m studies.power seconds",
        ["framework", "role", "object", "processor seconds"],
        rows,
    )


def _objects() -> Iterator[tuple[str, str, str, str]]:
    for role in ROLES:
        if role not in PROTOCOLS and chosen_claims((role,)):
            yield "reference", role, "", ROLES[role]
    for module, role, name, _ in cases():
        if chosen_claims((role,)) and is_here(module):
            importlib.import_module(f"tests.harness.adapters.{module}")
            yield (
                module.removesuffix("_roles"),
                role,
                name,
                f"tests.harness.adapters.{module}:{name}",
            )


def _seconds(spec: str) -> float:
    started = time.process_time()
    check_implementation(spec)
    found = round(time.process_time() - started, 1)
    print(spec, found, flush=True)
    return found
