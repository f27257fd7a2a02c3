"""Looks up the quotes of claims/editions.tsv: `python -m studies.editions FOLDER`.

It marks what it found. FOLDER holds clones of the editions as OWNER/NAME (or OWNER+NAME/repo),
with their history.
"""

import csv
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.declaration.editions import (
    COLUMNS,
    TABLE,
    Citation,
    plain,
    problem_of,
    unchecked,
)
from studies.tables import ROOT


@cache
def _page(folder: Path, address: str) -> str:
    """The page at the commit that the address names, from the clone in the folder."""
    owner, name, _, commit, *path = address.removeprefix("https://github.com/").split("/")
    clones = (folder / owner / name, folder / f"{owner}+{name}" / "repo")
    clone = next((one for one in clones if one.exists()), None)
    if clone is None:
        raise FileNotFoundError(f"{folder} has no clone {owner}/{name}; clone it there")
    told = ["git", "-C", str(clone), "show", f"{commit}:{'/'.join(path)}"]
    done = subprocess.run(told, check=False, capture_output=True, text=True)
    if done.returncode:
        raise FileNotFoundError(
            f"{clone} has no {address}: {done.stderr.strip()}; mend the address in {TABLE}, or "
            "fetch the clone's whole history"
        )
    return plain(done.stdout)


def looked_up(cited: Citation, folder: Path) -> tuple[Citation, str]:
    """The line with its mark, and what is wrong if the words are not there."""
    problem = problem_of(cited)
    if not problem and plain(cited.quote) not in _page(folder, cited.address):
        problem = f"the words {cited.quote!r} are not at {cited.address}"
    return replace(cited, seen="" if problem else cited.digest), problem


def main(words: Sequence[str]) -> int:
    """Mark every line of the table; exit 1 where words are not where the table says."""
    if len(words) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    book = ROOT / "claims"
    found = [looked_up(cited, Path(words[0])) for cited in unchecked(book)]
    with (book / TABLE).open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(
            (one.row, one.edition, one.state, one.address, one.quote, one.seen) for one, _ in found
        )
    wrong = [f"{one.place}: {problem}" for one, problem in found if problem]
    print(*wrong, f"{len(found) - len(wrong)} of {len(found)} quotes found", sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
