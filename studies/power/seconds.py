"""How long the profile quick takes for each role, one claim after another on one core."""

from __future__ import annotations

import importlib
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any

from harness.declaration.roles import PROTOCOLS, ROLES
from harness.run.api import check_implementation, chosen_claims
from harness.text import Text
from reports.tables import Table, read_tables, texts
from studies.power.frameworks import cases, is_here
from studies.power.tables import DATA
from studies.words import translated


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
    slowest = max(row[3] for row in rows)
    return Table(
        title=Text("Seconds of the profile quick", "quick 档所需秒数"),
        text=(
            Text(
                "Every claim that takes the role and trains nothing, one after another in "
                "one process, without a GPU. Seconds of processor time, which other work "
                f"on the machine does not change much; the most is {slowest:g}.",
                "所有用到该角色且不训练的论断，在一个进程中逐个运行，不用 GPU。单位是处理器"
                f"秒，受同机其他工作影响不大；最大为 {slowest:g}。",
            ),
        ),
        command="python -m studies.power seconds",
        columns=texts(
            "framework | role | object | processor seconds", "框架 | 角色 | 对象 | 处理器秒数"
        ),
        rows=translated(rows),
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
