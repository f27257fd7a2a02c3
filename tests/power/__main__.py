"""`python -m tests.power [salts [N] | kills [ROLE ...] | curves | page]`; all of it by default."""

from __future__ import annotations

import sys

from tests.power import catalogue, curves, matrix, salts, tables


def main(words: list[str]) -> int:
    """Measure what is asked for and write the page after each part."""
    part, rest = (words[0], words[1:]) if words else ("all", [])
    if part not in ("all", "salts", "kills", "curves", "page"):
        print(f"{part!r} is no part; there are: salts, kills, curves, page", file=sys.stderr)
        return 2
    if part in ("all", "salts"):
        salts.measure(salts.SALTS[: int(rest[0]) if rest and part == "salts" else None])
    if part in ("all", "curves"):
        for graded in curves.GRADED:
            _store(f"curve:{graded.name}", curves.curve(graded))
    if part in ("all", "kills"):
        mutants = matrix.mutants_by_role()
        for role in rest or mutants:
            _store(f"kills:{role}", matrix.matrix(role, mutants[role]))
    found = tables.read()
    found["bugs"] = catalogue.bugs_table()
    found["theirs"] = catalogue.theirs_table()
    found["out-of-reach"] = catalogue.out_of_reach_table()
    tables.write(found)
    return 0


def _store(key: str, made: tables.Table) -> None:
    tables.write({**tables.read(), key: made})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
