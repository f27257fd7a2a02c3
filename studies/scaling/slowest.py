"""The slowest claims of a run and what bounds each: python -m studies.scaling.slowest RECORDS."""

import cProfile
import json
import os
import pstats
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from harness.blocks.block import measure_named
from harness.blocks.task import Task
from harness.declaration.profiles import DEFAULT_SALT
from harness.run.suite import whole_suite

COUNT = 10
SHOWN = 3  # functions of a block, by their own time


def main(records: Path) -> None:
    """Print a table of the costliest claims, with where a block of each spends its time."""
    lines = records.read_text(encoding="utf-8").splitlines()
    found = sorted(map(json.loads, lines), key=lambda record: -record["seconds"])
    claims = {claim.id: claim for claim in whole_suite()}
    print("| claim | seconds | blocks | own time of a block's functions |\n|---|---|---|---|")
    for record in found[:COUNT]:
        claim = claims[record["claim"]]
        setting = record["settings"][0]["setting"]
        task = Task(
            claim.measure.__module__, claim.name, setting, DEFAULT_SALT, "cpu", 0, {}, "slice",
            600.0,
        )  # fmt: skip
        measure_named(task)
        profile = cProfile.Profile()
        profile.runcall(measure_named, task)
        blocks = sum(one["blocks"] for one in record["settings"])
        print(f"| `{claim.id}` | {record['seconds']:.1f} | {blocks} | {_costliest(profile)} |")


def _costliest(profile: cProfile.Profile) -> str:
    stats = vars(pstats.Stats(profile))
    rows = sorted(stats["stats"].items(), key=lambda item: -item[1][2])[:SHOWN]
    names = [
        (key[2].replace("<built-in method ", "").replace("<method ", "").split("' of")[0], row[2])
        for key, row in rows
    ]
    return ", ".join(f"{name.strip('<>{}' + chr(39))} {own / stats['total_tt']:.0%}"
                     for name, own in names)  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/records.jsonl"))
