"""Every row of the catalogue of shipped bugs: its faults, what refutes them, what theirs says."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from harness.implementation.named import load
from harness.run.suite import whole_suite
from reports.tables import Table, texts
from studies.power.rows import bugs, rows_of
from studies.power.salts import Run, cases, stored
from studies.power.theirs import THEIRS, catches
from studies.tables import made

# What no test of a sane size sees. The second column says how large one would have to be.
OUT_OF_REACH = (
    texts(
        "a rate that is wrong by less than 2^-20 | 5.6e12 draws: (4.5 / 2^-20)^2 / 4",
        "与真值相差小于 2^-20 的概率 | 5.6e12 次抽样：(4.5 / 2^-20)^2 / 4",
    ),
    texts(
        "an event rarer than 1e-8 | 3e8 draws for 95 %: ln(20) / 1e-8",
        "比 1e-8 更罕见的事件 | 95% 需 3e8 次抽样：ln(20) / 1e-8",
    ),
    texts(
        "a race that needs many repeats | as many repeats as the race needs; no size is enough",
        "需要多次重复才出现的竞争 | 视竞争所需的重复次数而定；没有足够的大小",
    ),
    texts(
        "D21 in float32: one unit dropped in 2^24 at p = 0 | 5e7 draws; in 16 bits 1.5e3 do",
        "D21，float32：p = 0 时 2^24 个单元中丢弃一个 | 5e7 次抽样；16 位时 1.5e3 次即可",
    ),
    texts(
        "I03 in float32: outliers in 3e-8 of all draws | 1e8 draws; its fault throws 1 in 1e4",
        "I03，float32：3e-8 的抽样为离群值 | 1e8 次抽样；其植入的错误每 1e4 次出现一次",
    ),
    texts(
        "K05 as shipped: a column index beyond 32 bits | "
        "65 537 columns; its fault overflows at 13!",
        "K05，以发布时的形式：列下标超出 32 位 | 65 537 列；其植入的错误在 13! 处溢出",
    ),
)


def bugs_table(kept: Sequence[dict[str, Any]] = ()) -> Table:
    """A line for each row of the catalogue, with what the salts have shown of its faults.

    `kept`: entries of an earlier table, for the faults that have not been examined since.
    """
    measured = list(stored().values())
    earlier = {(entry["row"], entry["role"], entry["fault"]): entry for entry in kept}
    rows, entries = [], []
    for bug in bugs():
        found = [entry_of(bug.id, fault, measured) for fault in faults_of(bug.id)]
        found = [
            entry
            if entry["salts"][1]
            else earlier.get((bug.id, entry["role"], entry["fault"]), entry)
            for entry in found
        ]
        entries += found
        claims = sorted({claim for entry in found for claim in entry["claims"]})
        salts = "; ".join("{} {} of {}".format(_name(e), *e["salts"]) for e in found)
        rows.append([bug.id, bug.fault, bug.sample, salts, ", ".join(claims), _unnoticed(found)])
    return made("bugs", rows, measured=entries)


def salts_table(measured: Sequence[Run] | None = None, kept: Sequence[Sequence[Any]] = ()) -> Table:
    """For each role: its faults, the claims that name them, and the salts at which they refuted.

    `measured`: what was examined; what is kept on disk by default. `kept`: rows of an earlier
    table, of which those of roles that have been measured since are left out.
    """
    named = {(claim.id, fault) for claim, fault in cases()}
    examined = stored().values() if measured is None else measured
    runs = [run for run in examined if (run.claim, run.fault) in named]
    roles = {run.fault.partition("=")[0] for run in runs}
    rows: list[tuple[Any, ...]] = [tuple(row) for row in kept if row[0] not in roles]
    for role in roles:
        own = [run for run in runs if run.fault.partition("=")[0] == role]
        pairs = Counter((run.claim, run.fault) for run in own)
        least, most = min(pairs.values()), max(pairs.values())
        missed = sorted({run.claim for run in own if run.verdict != "REFUTED"})
        rows.append((
            role, len({fault for _, fault in pairs}), len(pairs),
            str(most) if least == most else f"{least}–{most}", len(own),
            sum(run.verdict == "REFUTED" for run in own), ", ".join(missed) or "none",
        ))  # fmt: skip
    rows.sort(key=lambda row: str(row[0]))
    left = {c.id: c.faults for c in whole_suite() if c.deep_only and c.faults}
    deep = ", ".join(f"`{name}`" for name in left) or "none"
    asked, refuted = (sum(row[column] for row in rows) for column in (4, 5))
    return made(
        "salts",
        rows,
        {
            "deep": deep, "asked": asked, "missed": asked - refuted,
            "faults": sum(row[1] for row in rows), "pairs": sum(row[2] for row in rows),
            # Valid where pairs miss at different rates too: at a given mean, no miss at all is
            # likeliest where all rates are equal.
            "bound": 1 - 0.05 ** (1 / asked) if asked and refuted == asked else None,
        },
    )  # fmt: skip


def theirs_table() -> Table:
    """The frameworks' own tests, and how many of a role's faults each one catches."""
    rows = []
    for role, one in THEIRS.items():
        faults = sorted({fault for _, fault in cases() if fault.startswith(f"{role}=")})
        caught = sum(catches(one, load(role, fault.partition("=")[2])) for fault in faults)
        rows.append([role, one.test, one.asserts, f"{caught} of {len(faults)}"])
    return made("theirs", rows)


def out_of_reach_table() -> Table:
    """What is listed and not caught as it was shipped."""
    return made("out-of-reach", OUT_OF_REACH)


def faults_of(row: str) -> list[str]:
    """The faults that claims name and that stand for the row, in a fixed order."""
    return sorted({fault for _, fault in cases() if row in rows_of(fault)})


def entry_of(row: str, fault: str, measured: Sequence[Run]) -> dict[str, Any]:
    """What is known of a fault, for one row."""
    role, _, target = fault.partition("=")
    runs = [run for run in measured if run.fault == fault]
    salts = {run.salt for run in runs}
    missed = {run.salt for run in runs if run.verdict != "REFUTED"}
    theirs = THEIRS.get(role)
    return {
        "row": row,
        "fault": target,
        "role": role,
        "claims": sorted(
            {run.claim for run in runs} - {run.claim for run in runs if run.verdict != "REFUTED"}
        ),
        "salts": [len(salts - missed), len(salts)],
        "framework": {
            "asserts": None if theirs is None else f"{theirs.test}: {theirs.asserts}",
            "catches": None if theirs is None else catches(theirs, load(role, target)),
        },
    }


def _name(entry: dict[str, Any]) -> str:
    return f"{entry['role']}: {entry['fault'].rpartition(':')[2].replace('_', ' ')}"


def _unnoticed(entries: Sequence[dict[str, Any]]) -> str:
    known = [entry for entry in entries if entry["framework"]["catches"] is not None]
    missed = [_name(entry) for entry in known if not entry["framework"]["catches"]]
    return ("; ".join(missed) or "none") if known else "–"
