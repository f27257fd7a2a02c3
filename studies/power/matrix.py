"""The kill matrix: every mutant of a role against every claim of the profile quick."""

from __future__ import annotations

from collections.abc import Sequence

from harness.declaration.claim import Claim, Verdict
from harness.declaration.profiles import PROFILES
from harness.declaration.roles import PROTOCOLS
from harness.implementation.named import parse
from harness.run.api import chosen_claims, examine_one
from harness.run.suite import whole_suite
from harness.trial.conditions import Conditions
from reports.tables import Table
from studies.power.salts import NO_LIMIT
from studies.tables import made

SHOWN = {"REFUTED": "x", "CONFIRMED": ".", "UNDECIDED": "?", "ERROR": "!", "NOT APPLICABLE": "-"}


def mutants_by_role() -> dict[str, list[str]]:
    """ROLE=MODULE:ATTR of every mutant that a claim names, by role; protocols are left out."""
    found: dict[str, list[str]] = {}
    for claim in whole_suite():
        for mutant in claim.faults:
            role = mutant.partition("=")[0]
            if role not in PROTOCOLS and mutant not in found.setdefault(role, []):
                found[role].append(mutant)
    return {role: mutants for role, mutants in found.items() if claims_of(role)}


def claims_of(role: str) -> list[Claim]:
    """The claims that judge the role in the quick profile and are expected to hold."""
    return [claim for claim in chosen_claims((role,)) if claim.expected is Verdict.CONFIRMED]


def kills(mutant: str, claims: Sequence[Claim]) -> dict[str, str]:
    """{claim: verdict} of one mutant."""
    conditions = Conditions(
        profile=PROFILES["quick"], implementation=parse((mutant,)), block_limit=NO_LIMIT
    )
    return {claim.id: examine_one(claim, conditions).verdict for claim in claims}


def matrix(role: str, mutants: Sequence[str]) -> Table:
    """The table of one role: a row per mutant, a column per claim."""
    claims = claims_of(role)
    named = {m: {c.id for c in claims if m in c.faults} for m in mutants}
    rows = []
    for mutant in mutants:
        verdicts = kills(mutant, claims)
        cells = [SHOWN[v] + ("*" if id in named[mutant] else "") for id, v in verdicts.items()]
        killed = sum(verdict == "REFUTED" for verdict in verdicts.values())
        rows.append([mutant.rpartition(":")[2].replace("_", " "), killed, *cells])
        print(mutant, killed, flush=True)
    places = ", ".join(f"{place} `{claim.id}`" for place, claim in enumerate(claims, 1))
    columns = " | ".join(str(place) for place in range(1, len(claims) + 1))
    return made("matrix", rows, {"role": role, "places": places, "columns": columns})
