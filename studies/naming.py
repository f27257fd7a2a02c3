"""How often a planted fault is told by its name: `python -m studies.naming [ROLE ...]`.

Every fault of harness/records/signatures.jsonl, or of the roles named, is judged at a salt that
the table has not seen, twice: as it stands there, when its own name is right, and with its line
taken out, as an object that nobody planted, when every name is another's. A line for each fault;
the last ones give the rates. Exit status 1 where a fault that stands in the table got the name of
another.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from harness.records.likely import Signature, likely_causes, signatures
from harness.records.record import Record
from studies.signatures import claims_of, record_of

SALT = "a third one"


@dataclass(frozen=True)
class Named:
    """A planted fault, and the name that its records get; '' where none fits alone."""

    fault: str
    known: str  # with its own line in the table
    unknown: str  # without

    @property
    def told(self) -> str:
        """The fault and both names."""
        return f"{self.fault}  {self.known or '-'}  left out: {self.unknown or '-'}"


def named(fault: str, records: Sequence[Record], table: Mapping[str, Signature]) -> Named:
    """The names that the records of the fault get."""
    others = {other: signature for other, signature in table.items() if other != fault}
    return Named(fault, _name(records, table), _name(records, others))


def rates(found: Iterable[Named]) -> Iterator[str]:
    """The counts in words."""
    found = list(found)
    right = sum(one.known == one.fault for one in found)
    other = sum(one.known not in ("", one.fault) for one in found)
    wrong = sum(bool(one.unknown) for one in found)
    yield f"{right} of {len(found)} faults named, {other} by another's name"
    yield f"{wrong} of {len(found)} named as another where their own line is left out"


def _name(records: Sequence[Record], table: Mapping[str, Signature]) -> str:
    return next((cause.fault for cause in likely_causes(records, table)), "")


def main(roles: list[str]) -> int:
    """Judge the faults and print the rates."""
    found = []
    for fault in signatures():
        role = fault.partition("=")[0]
        if not roles or role in roles:
            records = [record_of(claim, fault, SALT) for claim in claims_of(role)]
            found.append(named(fault, records, signatures()))
            print(found[-1].told, flush=True)
    print(*rates(found), sep="\n")
    return int(not found or any(one.known not in ("", one.fault) for one in found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
