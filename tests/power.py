"""The kit's power, measured: `python -m tests.power` runs the mutants and writes docs/power.md.

Every mutant goes through the user's door to every claim of the quick profile that takes its role
and is expected to hold. Faults of a chosen size follow, at several salts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from harness.conformance import chosen_claims, examine_one
from harness.trial.claim import Claim, Verdict
from harness.trial.experiment import Conditions
from harness.trial.implementation import of_objects, parse
from harness.trial.profiles import DEFAULT_SALT, PROFILES
from harness.trial.roles import PROTOCOLS
from harness.trial.suite import whole_suite
from tests.mutants.graded import GRADED, Graded

PAGE = Path(__file__).resolve().parents[1] / "docs" / "power.md"
SALTS = (DEFAULT_SALT, "a", "b", "c", "d")
STEPS = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0)  # of the claim's margin
SHOWN = {"REFUTED": "x", "CONFIRMED": ".", "UNDECIDED": "?", "ERROR": "!", "NOT APPLICABLE": "-"}
QUICK = PROFILES["quick"]


def mutants_by_role() -> dict[str, list[str]]:
    """ROLE=MODULE:ATTR of every mutant that a claim names, by role; protocols are left out."""
    found: dict[str, list[str]] = {}
    for claim in whole_suite():
        for mutant in claim.mutants:
            role = mutant.partition("=")[0]
            if role not in PROTOCOLS and mutant not in found.setdefault(role, []):
                found[role].append(mutant)
    return found


def kills(mutant: str, claims: Sequence[Claim]) -> dict[str, str]:
    """{claim: verdict} of one mutant."""
    conditions = Conditions(profile=QUICK, implementation=parse((mutant,)))
    return {claim.id: examine_one(claim, conditions).verdict for claim in claims}


def matrix(role: str, mutants: Sequence[str]) -> str:
    """The table of one role: a row per mutant, a column per claim."""
    claims = [c for c in chosen_claims((role,)) if c.expected is Verdict.CONFIRMED]
    named = {m: {c.id for c in claims if m in c.mutants} for m in mutants}
    lines = [f"\n### {role}\n"]
    lines += [f"{place}. `{claim.id}`" for place, claim in enumerate(claims, 1)]
    head = " | ".join(str(place) for place in range(1, len(claims) + 1))
    lines += [f"\n| mutant | killed by | {head} |", "|---" * (len(claims) + 2) + "|"]
    for mutant in mutants:
        verdicts = kills(mutant, claims)
        killed = sum(verdict == "REFUTED" for verdict in verdicts.values())
        cells = (
            f"**{SHOWN[v]}**" if id in named[mutant] else SHOWN[v] for id, v in verdicts.items()
        )
        lines.append(
            f"| {mutant.rpartition(':')[2].replace('_', ' ')} | {killed} | {' | '.join(cells)} |"
        )
        print(mutant, killed, flush=True)
    return "\n".join(lines) + "\n"


def curve(graded: Graded) -> str:
    """The table of one graded fault: how often it is refuted, confirmed, undecided, by size."""
    claim = next(claim for claim in whole_suite() if claim.id == graded.claim)
    lines = [
        f"\n### {graded.name}, judged by `{graded.claim}`\n",
        f"The margin is {graded.margin:.3g} ({graded.unit}).\n",
        f"| eps / margin | eps | refuted | confirmed | undecided | of {len(SALTS)} salts |",
        "|---|---|---|---|---|---|",
    ]
    for step in STEPS:
        implementation = of_objects({graded.role: graded.fault(step * graded.margin)})
        reached = [
            examine_one(
                claim, Conditions(salt=salt, profile=QUICK, implementation=implementation)
            ).verdict
            for salt in SALTS
        ]
        counts = [reached.count(name) for name in ("REFUTED", "CONFIRMED", "UNDECIDED")]
        lines.append(
            f"| {step:g} | {step * graded.margin:.3g} | {' | '.join(map(str, counts))} |"
            f" {'margin' if step == 1 else ''} |"
        )
        print(graded.name, step, counts, flush=True)
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure the roles that are named (all, unless any is), and write the page after each."""
    wanted = sys.argv[1:]
    parts = read_parts()
    for graded in GRADED:
        if not wanted or graded.role in wanted:
            parts["graded"][graded.name] = curve(graded)
            write(parts)
    mutants = mutants_by_role()
    for role in wanted or mutants:
        if role in mutants and chosen_claims((role,)):
            parts["kills"][role] = matrix(role, mutants[role])
            write(parts)
    return 0


def read_parts() -> dict[str, dict[str, str]]:
    """The sections of the page as it is, so that one role can be measured anew."""
    if not PAGE.exists():
        return {"kills": {}, "graded": {}}
    kills, _, graded = PAGE.read_text(encoding="utf-8").partition(GRADED_HEAD)
    return {
        "kills": {part.split("\n")[0]: f"\n### {part}" for part in kills.split("\n### ")[1:]},
        "graded": {part.split(",")[0]: f"\n### {part}" for part in graded.split("\n### ")[1:]},
    }


def write(parts: dict[str, dict[str, str]]) -> None:
    """The page of these sections."""
    text = HEAD + "".join(parts["kills"].values()) + GRADED_HEAD + "".join(parts["graded"].values())
    PAGE.write_text(text, encoding="utf-8")


HEAD = """# Power: what the kit catches

Written by `python -m tests.power` (the salt is the default, the profile `quick`).
`tests/mutants` asserts the bold cells in CI; `CLAIMS_SALTS=a,b,c` repeats it at other salts.

## Kill matrix

x refuted, . confirmed, ? undecided, ! error, - not applicable.
Bold: the claim names this mutant, and must refute it.
Mutants of training protocols are judged by `tests/mutants` alone.
"""
GRADED_HEAD = """
## Graded faults

The same fault at several sizes, in units of the claim's margin.
Within the margin's inner part a claim must not refute, from the margin on it must not confirm.
In between it may do either, or stay undecided.
The margin of an exact claim is the rounding of float32: where it draws float64, less is a fault.
"""

if __name__ == "__main__":
    sys.exit(main())
