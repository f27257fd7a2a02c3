"""The measured power: `python -m studies.power PART`, all parts by default.

salts [N] [ROLE ...], kills [ROLE ...], curves, frameworks [NAME ...], seconds [WHOSE ...], and
page, which only writes.
"""

import sys

from reports.tables import Table
from studies.power import catalogue, curves, frameworks, matrix, salts, seconds, tables


def main(words: list[str]) -> int:
    """Measure what is asked for and write the page after each part."""
    part, rest = (words[0], words[1:]) if words else ("all", [])
    if part not in ("all", "salts", "kills", "curves", "frameworks", "seconds", "page"):
        parts = "salts, kills, curves, frameworks, seconds, page"
        print(f"{part!r} is no part; there are: {parts}", file=sys.stderr)
        return 2
    if part in ("all", "salts"):
        roles = list(rest) if part == "salts" else []
        count = int(roles.pop(0)) if roles and roles[0].isdigit() else None
        known = {fault.partition("=")[0] for _, fault in salts.cases()}
        if unknown := sorted(set(roles) - known):
            print(f"no planted fault is of {', '.join(unknown)}; write a role", file=sys.stderr)
            return 2
        salts.measure(salts.SALTS[:count], roles=roles)
    if part in ("all", "curves"):
        for graded in curves.GRADED:
            _store(f"curve:{graded.name}", curves.curve(graded))
    if part in ("all", "kills"):
        faults = matrix.faults_by_role()
        for role in rest or faults:
            _store(f"kills:{role}", matrix.matrix(role, faults[role]))
    if part in ("all", "frameworks"):
        frameworks.measure(rest if part == "frameworks" else ())
    if part in ("all", "seconds"):
        for made in seconds.seconds_tables(rest if part == "seconds" else ()):
            _store("seconds", made)
    found = tables.read()
    found["bugs"] = catalogue.bugs_table(found["bugs"].measured if "bugs" in found else ())
    if salts.stored():
        found["salts"] = catalogue.salts_table(kept=found["salts"].rows if "salts" in found else ())
    found["theirs"] = catalogue.theirs_table()
    found["out-of-reach"] = catalogue.out_of_reach_table()
    if correct := frameworks.frameworks_table():
        found["frameworks"] = correct
    tables.write(found)
    return 0


def _store(key: str, made: Table) -> None:
    tables.write({**tables.read(), key: made})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
