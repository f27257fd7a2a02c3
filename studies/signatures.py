"""What planted faults do to the claims of their roles: `python -m studies.signatures [ROLE ...]`.

Writes harness/records/signatures.jsonl anew for the roles named, for all by default. Claims of the
profile `quick` that cost little are asked at two salts: what differs from one to the other says
nothing about an object.
"""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from functools import reduce

from harness.declaration.claim import Claim
from harness.declaration.profiles import DEFAULT_SALT, PROFILES
from harness.declaration.roles import PROTOCOLS
from harness.implementation.named import parse
from harness.records.likely import TABLE, Signature, as_line, merged, seen_in, signatures
from harness.records.record import Record
from harness.run.examiner import of_the_suite
from harness.run.suite import judges, whole_suite
from harness.statistics.evidence import Verdict
from harness.trial.conditions import Conditions

SALTS = (DEFAULT_SALT, "another")
MOST = 0.05  # seconds of a block of a claim that is asked: there are faults by the hundred
NO_LIMIT = 1e6  # seconds: the machine may have other work for a while


def faults() -> Iterator[str]:
    """ROLE=MODULE:ATTR of every planted fault, by role; protocols are left out."""
    planted = {fault for claim in whole_suite() for fault in claim.faults}
    yield from sorted(one for one in planted if one.partition("=")[0] not in PROTOCOLS)


def claims_of(role: str) -> list[Claim]:
    """The claims that are asked about an object of the role."""
    found = [c for c in whole_suite() if judges(c, (role,), PROFILES["quick"])]
    return [c for c in found if c.expected is Verdict.CONFIRMED and c.cost <= MOST]


def signature_of(fault: str) -> Signature:
    """What the claims of the fault's role say of it, at all the salts together."""
    claims = claims_of(fault.partition("=")[0])
    return {
        claim.id: reduce(merged, (seen_in(record_of(claim, fault, salt)) for salt in SALTS))
        for claim in claims
    }


def written(found: Mapping[str, Signature]) -> str:
    """The table, a line per fault."""
    return "".join(as_line(fault, found[fault]) for fault in sorted(found))


def record_of(claim: Claim, fault: str, salt: str) -> Record:
    """What the claim says of the fault at the salt."""
    conditions = Conditions(
        salt=salt, profile=PROFILES["quick"], implementation=parse((fault,)), block_limit=NO_LIMIT
    )
    # The smallest refuting setting is for readers; what is compared is where it was refuted first.
    quick = dataclasses.replace(claim, spends=dataclasses.replace(claim.spends, shrink=False))
    return of_the_suite().record(quick, conditions, ())


def main(roles: list[str]) -> int:
    """Measure the roles and write the table after each fault."""
    planted = list(faults())
    kept = {fault: one for fault, one in signatures().items() if fault in planted}
    for fault in planted:
        if not roles or fault.partition("=")[0] in roles:
            kept[fault] = signature_of(fault)
            TABLE.write_text(written(kept), encoding="utf-8")
            print(fault, "".join(seen.mark for seen in kept[fault].values()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
