"""What an object on trial looks like: the one planted fault that explains its records.

`signatures.jsonl` holds what every planted fault does to the claims of its role, from several
salts; `python -m studies.signatures` measures it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from harness.records.record import Interval, Record
from harness.statistics.evidence import Verdict
from harness.text import Text, named

TABLE = Path(__file__).with_name("signatures.jsonl")
COMPARED = 2  # claims whose estimates must be comparable: one may agree by chance
STRANGE = 20  # in so many claims that judged both, one may differ: two coders forget one thing
APART = 3  # by so many more claims every other fault must differ
HUGE = 1e300  # what is larger counts as infinite
ROUNDING = 0.02  # by so much of itself a number differs from salt to salt at least
MARKS = {
    Verdict.REFUTED: "x",
    Verdict.WEAKER: "x",
    Verdict.ERROR: "!",
    Verdict.CONFIRMED: ".",
}
OPEN = "?"  # undecided, not applicable, or another answer at another salt


@dataclass(frozen=True)
class Seen:
    """What a claim said of an object: a mark, and its estimates where it was refuted.

    The estimates are of the setting `at`, a digest; one per part of the relation.
    """

    mark: str
    at: str = ""
    estimates: tuple[Interval, ...] = ()


Signature = Mapping[str, Seen]  # by claim


@dataclass(frozen=True)
class Cause:
    """An object, as ROLE=TARGET, and the planted fault that alone explains its records."""

    implementation: str
    fault: str  # ROLE=MODULE:ATTR
    differing: tuple[str, ...] = ()  # claims that say another thing of the fault

    @property
    def name(self) -> str:
        """The fault in words: 'forgets to rescale'."""
        return self.fault.rpartition(":")[2].replace("_", " ")


def likely_causes(
    records: Iterable[Record], table: Mapping[str, Signature] | None = None
) -> Iterator[Cause]:
    """Of each object that is refuted, the planted fault of its role that explains its records.

    None where no fault does or several do, and where fewer than `COMPARED` estimates could be
    compared: objects that the same claims refute are told apart by how far they fail. Where many
    claims judged both, one of `STRANGE` may differ, if no other fault comes near.
    """
    known = signatures() if table is None else table
    for (role, target, _), found in _by_object(records).items():
        if not any(seen.mark in "x!" for seen in found.values()):
            continue
        own = {fault: s for fault, s in known.items() if fault.startswith(f"{role}=")}
        apart = {fault: differing(found, s) for fault, s in own.items() if _both_refute(found, s)}
        if not apart:
            continue
        nearest, *others = sorted(apart, key=lambda fault: len(apart[fault]))
        odd = len(apart[nearest])
        judged = len(found.keys() & own[nearest].keys())
        gap = APART if odd else 1
        alone = all(len(apart[other]) >= odd + gap for other in others[:1])
        compared = _compared(found, own[nearest]) >= COMPARED
        if alone and compared and odd <= judged // STRANGE:
            yield Cause(f"{role}={target}", nearest, apart[nearest])


def looks_like(cause: Cause) -> Text:
    """What is told of a cause: that it is likely, and why."""
    odd = ", ".join(cause.differing)
    return Text(
        f"looks like: {cause.name} (its evidence agrees with that planted fault"
        f"{f' but for {odd}' if odd else ''}, and no other)",
        f"看来是：{named(cause.name).zh}（{f'除 {odd} 外，' if odd else ''}"
        "证据与这一植入的错误相符，与其他的都不符）",
    )


def differing(found: Signature, fault: Signature) -> tuple[str, ...]:
    """The claims that judged both and do not say the same of both."""
    shared = (claim for claim in found if claim in fault)
    return tuple(claim for claim in shared if not _alike(found[claim], fault[claim]))


def _both_refute(found: Signature, fault: Signature) -> bool:
    """Whether a claim that judged both refutes the fault."""
    return any(fault[claim].mark in "x!" for claim in found if claim in fault)


def seen_in(record: Record) -> Seen:
    """What the record says of the object on trial."""
    mark = "x" if record.falls_short else MARKS.get(record.verdict, OPEN)
    trial = record.decisive
    if mark != "x" or trial is None:
        return Seen(mark)
    text = json.dumps(trial.setting, sort_keys=True)
    pairs = [(p.estimate, p.interval) for p in trial.parts] or [(trial.estimate, trial.interval)]
    known = tuple(interval for estimate, interval in pairs if estimate is not None and interval)
    return Seen(mark, hashlib.sha256(text.encode()).hexdigest()[:8], known)


def merged(one: Seen, other: Seen) -> Seen:
    """What two salts say together."""
    if one.mark != other.mark:
        return Seen(OPEN)
    if one.at != other.at or len(one.estimates) != len(other.estimates):
        return Seen(one.mark)
    return Seen(one.mark, one.at, tuple(map(_hull, one.estimates, other.estimates)))


@cache
def signatures(path: Path = TABLE) -> Mapping[str, Signature]:
    """What each planted fault, ROLE=MODULE:ATTR, does to claims of its role; {} without a file."""
    if not path.exists():
        return {}
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return {line["fault"]: _read(line["claims"]) for line in lines}


def as_line(fault: str, signature: Signature) -> str:
    """A line of the table."""
    claims = {
        claim: [s.mark, s.at, s.estimates] if s.at else [s.mark] for claim, s in signature.items()
    }
    return json.dumps({"fault": fault, "claims": claims}, separators=(",", ":")) + "\n"


def _read(claims: Mapping[str, Sequence[Any]]) -> Signature:
    return {
        claim: Seen(mark, *(rest and (rest[0], tuple(map(tuple, rest[1])))))
        for claim, (mark, *rest) in claims.items()
    }


def _by_object(records: Iterable[Record]) -> dict[tuple[str, str, str], dict[str, Seen]]:
    """The claims by (role, target, device), of those in which no other object was called."""
    found: dict[tuple[str, str, str], dict[str, Seen]] = {}
    for record in records:
        on_trial = [role for role in record.implementation if record.calls.get(role)]
        if len(on_trial) == 1 and record.expected is Verdict.CONFIRMED:
            key = (on_trial[0], record.implementation[on_trial[0]], record.device)
            found.setdefault(key, {})[record.claim] = seen_in(record)
    return found


def _alike(found: Seen, fault: Seen) -> bool:
    if OPEN in (found.mark, fault.mark):
        return True
    if found.mark != fault.mark:
        return False
    return not _comparable(found, fault) or all(map(_meet, found.estimates, fault.estimates))


def _comparable(found: Seen, fault: Seen) -> bool:
    same = found.at == fault.at and len(found.estimates) == len(fault.estimates)
    return bool(found.at) and same and bool(found.estimates)


def _compared(found: Signature, fault: Signature) -> int:
    """How many claims have an estimate in both; an infinite one says nothing."""
    return sum(
        _comparable(found[claim], fault[claim]) and any(map(_is_finite, fault[claim].estimates))
        for claim in found.keys() & fault.keys()
    )


def _meet(found: Interval, fault: Interval) -> bool:
    """Whether an estimate is where a third salt would have it, given the span of two.

    An interval has its own room for chance, and once the span is enough. An exact number, of data
    that differ from salt to salt, has none: the predictive law of a third normal draw after two
    leaves 6 % beyond nine times their distance to either side (Student's t, one degree).
    """
    (low, high), (least, most) = _finite(fault), _finite(found)
    if high - low > HUGE:
        return least <= high and most >= low
    room = (high - low) * (1 if least < most else 9) + ROUNDING * max(abs(low), abs(high))
    return least <= high + room and most >= low - room


def _hull(one: Interval, other: Interval) -> Interval:
    lows, highs = (one[0], other[0]), (one[1], other[1])
    low = None if None in lows else min(v for v in lows if v is not None)
    high = None if None in highs else max(v for v in highs if v is not None)
    return low, high


def _finite(interval: Interval) -> tuple[float, float]:
    low, high = interval
    return -HUGE if low is None else low, HUGE if high is None else high


def _is_finite(interval: Interval) -> bool:
    return all(abs(end) < HUGE for end in _finite(interval))
