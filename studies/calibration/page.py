"""The pages that the command writes: docs/studies/calibration.md and docs/studies/efficiency.md."""

from __future__ import annotations

from pathlib import Path

from reports.tables import markdown, read_tables
from studies.calibration.suite_runs import FOUND, ROOT, read_runs, unexplained

DATA = ROOT / "docs" / "studies" / "calibration.json"
ORDER = ("exact", "importance", "end-to-end", "replication", "portability", "kills", "fuzz")


def write_pages(data: Path = DATA) -> None:
    """Write both pages from the tables that are kept."""
    tables = read_tables(data)
    parts = [
        "# Calibration: the suite's own error rates, measured",
        "The suite declares that it errs at most once in a million runs in each direction.\n"
        "Here every rate is computed or measured, with the command that makes the figure again.\n"
        "`python -m studies.calibration` makes all tables but the last three; "
        "`tox -e study -- calibration` does the same.\n"
        "Beside it: [the faults that a run survives](faults.md), "
        "[faults planted in the engine itself](mutation.md), "
        "[what a verdict costs](efficiency.md).",
        *(markdown(tables[key]) for key in ORDER if key in tables),
        suite_section(),
    ]
    (data.parent / "calibration.md").write_text("\n\n".join(map(str.strip, parts)) + "\n", "utf-8")
    if "efficiency" in tables:
        page = [
            "# Efficiency: how many replicates a verdict takes",
            "An error rate is cheap to keep with many samples; here is what it costs to keep it "
            "with few.",
            markdown(tables["efficiency"]),
        ]
        (data.parent / "efficiency.md").write_text(
            "\n\n".join(map(str.strip, page)) + "\n", "utf-8"
        )


def suite_section() -> str:
    """What the runs at fresh salts come to."""
    runs = read_runs()
    lines = [
        "## The real suite at fresh salts",
        "",
        "`python -m studies.calibration suite --runs N` adds N runs of every claim in the "
        "profile `dev` to `docs/studies/calibration_runs.tsv`, at salts "
        "`calibration-1`, `calibration-2`, ...",
        "",
    ]
    if not runs:
        return "\n".join([*lines, "No run is written down yet."])
    verdicts = sum(run.confirmed + run.refuted for run in runs)
    wrong = sum(run.wrong for run in runs)
    # Clopper and Pearson (1934), one-sided 95 %, for no wrong verdict: 1 - 0.05^(1/n), about 3/n.
    # A verdict that was right about a claim that was not is none.
    bound = f"; so a verdict is wrong with a rate below {1 - 0.05 ** (1 / verdicts):.1e} (95 %)"
    lines.append(
        f"{len(runs)} runs, {verdicts} decided verdicts, {wrong} of them not as expected"
        f"{bound if verdicts and not unexplained(runs) else ''}; "
        f"{sum(run.undecided for run in runs)} undecided, {sum(run.errors for run in runs)} errors."
    )
    for why in dict.fromkeys(FOUND.values()):
        where = [key for key, told in FOUND.items() if told == why]
        salts = ", ".join(f"`{salt}`" for salt, _ in where)
        lines.append(f"\n`{where[0][1]}` at {salts}: {why}")
    return "\n".join(lines)
