"""The kill matrix: every fault of a role against every claim of the profile quick."""

from collections.abc import Sequence

from harness.declaration.claim import Claim, Verdict
from harness.declaration.profiles import PROFILES
from harness.declaration.roles import PROTOCOLS
from harness.implementation.named import parse
from harness.run.api import chosen_claims
from harness.run.examiner import of_the_suite
from harness.run.suite import whole_suite
from harness.trial.conditions import Conditions
from reports.tables import Table
from studies.power.salts import NO_LIMIT, rejected_or_verdict
from studies.tables import made

SHOWN = {"REFUTED": "x", "CONFIRMED": ".", "UNDECIDED": "?", "ERROR": "!", "NOT APPLICABLE": "-"}


def faults_by_role() -> dict[str, list[str]]:
    """ROLE=MODULE:ATTR of every fault that a claim names, by role; protocols are left out."""
    found: dict[str, list[str]] = {}
    for claim in whole_suite():
        for fault in claim.faults:
            role = fault.partition("=")[0]
            if role not in PROTOCOLS and fault not in found.setdefault(role, []):
                found[role].append(fault)
    return {role: faults for role, faults in found.items() if claims_of(role)}


def claims_of(role: str) -> list[Claim]:
    """The claims that judge the role in the quick profile and are expected to hold."""
    return [claim for claim in chosen_claims((role,)) if claim.expected is Verdict.CONFIRMED]


def kills(fault: str, claims: Sequence[Claim]) -> dict[str, str]:
    """{claim: verdict} of one fault."""
    conditions = Conditions(
        profile=PROFILES["quick"], implementation=parse((fault,)), block_limit=NO_LIMIT
    )
    examine = of_the_suite().examine
    return {claim.id: rejected_or_verdict(examine(claim, conditions)) for claim in claims}


def matrix(role: str, faults: Sequence[str]) -> Table:
    """The table of one role: a row per fault, a column per claim."""
    claims = claims_of(role)
    named = {m: {c.id for c in claims if m in c.faults} for m in faults}
    rows = []
    for fault in faults:
        verdicts = kills(fault, claims)
        cells = [SHOWN[v] + ("*" if id in named[fault] else "") for id, v in verdicts.items()]
        killed = sum(verdict == "REFUTED" for verdict in verdicts.values())
        rows.append([fault.rpartition(":")[2].replace("_", " "), killed, *cells])
        print(fault, killed, flush=True)
    places = ", ".join(f"{place} `{claim.id}`" for place, claim in enumerate(claims, 1))
    columns = " | ".join(str(place) for place in range(1, len(claims) + 1))
    return made("matrix", rows, {"role": role, "places": places, "columns": columns})
