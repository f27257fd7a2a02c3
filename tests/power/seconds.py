"""How long the profile quick takes for each role, one claim after another on one core."""

from __future__ import annotations

import importlib
import os
import time

from harness.conformance import check_implementation, chosen_claims
from harness.trial.roles import PROTOCOLS, ROLES
from tests.power.frameworks import cases, is_here
from tests.power.tables import Table, table


def seconds_table() -> Table:
    """A line for each role, judged with its reference, and for each framework's object."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    rows: list[list[str | float]] = []
    for role in ROLES:
        if role not in PROTOCOLS and chosen_claims((role,)):
            rows.append(["reference", role, "", _seconds(f"{role}={ROLES[role]}")])
    for module, role, name, _ in cases():
        if chosen_claims((role,)) and is_here(module):
            importlib.import_module(f"tests.adapters.{module}")
            target = f"{role}=tests.adapters.{module}:{name}"
            rows.append([module.removesuffix("_roles"), role, name, _seconds(target)])
    slowest = max(float(row[-1]) for row in rows)
    return table(
        "Seconds of the profile quick",
        "quick 档所需秒数",
        [
            f"Every claim that takes the role and trains nothing, serially on one core of two "
            f"without a GPU; the slowest takes {slowest:g} s."
        ],
        "python -m tests.power seconds",
        ["framework", "role", "object", "seconds"],
        rows,
    )


def _seconds(spec: str) -> float:
    started = time.perf_counter()
    check_implementation(spec)
    found = round(time.perf_counter() - started, 1)
    print(spec, found, flush=True)
    return found
