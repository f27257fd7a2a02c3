"""Each planted fault against the claims that it names, at many salts; what is measured is kept."""

import dataclasses
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.declaration.claim import Claim
from harness.declaration.profiles import DEFAULT_SALT, PROFILES
from harness.implementation.named import parse
from harness.run.examiner import of_the_suite
from harness.run.suite import whole_suite
from harness.trial.conditions import Conditions
from harness.trial.examination import Examination
from studies.power.rows import rows_of

STORE = Path(__file__).resolve().parents[2] / "out" / "power" / "salts.jsonl"
NO_LIMIT = 1e6  # seconds: the machine may have other work for a while
SALTS = (DEFAULT_SALT, *"abcdefghijklmnopqrs")


@dataclass(frozen=True)
class Run:
    """A fault, a claim that names it, a salt, and the verdict that was reached."""

    claim: str
    fault: str
    salt: str
    verdict: str
    seconds: float


def rejected_or_verdict(examination: Examination) -> str:
    """REFUTED for a claim that is excluded as it is declared, else the verdict."""
    return "REFUTED" if examination.rejected else examination.verdict.value


def cases() -> list[tuple[Claim, str]]:
    """The claims and the faults that name them, those of shipped bugs first, cheap ones first.

    Of each shipped fault one claim comes before all the others.
    """
    named = [(c, m) for c in whole_suite() if not c.deep_only for m in c.faults]
    named.sort(key=lambda case: case[0].cost)
    first = {m: c.id for c, m in reversed(named)}

    def place(case: tuple[Claim, str]) -> int:
        claim, fault = case
        return (0 if first[fault] == claim.id else 1) if rows_of(fault) else 2

    return sorted(named, key=place)


def stored(path: Path = STORE) -> dict[tuple[str, str, str], Run]:
    """What has been measured, the last measurement of each standing; a torn line is left out."""
    found: dict[tuple[str, str, str], Run] = {}
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                run = Run(**json.loads(line))
            except (ValueError, TypeError):
                continue
            found[run.claim, run.fault, run.salt] = run
    return found


def missing(
    salts: Sequence[str], path: Path = STORE, roles: Sequence[str] = ()
) -> Iterator[tuple[Claim, str, str]]:
    """What has not been measured yet: the first claim of each shipped fault at every salt first.

    Of these roles, all by default.
    """
    done = stored(path)
    known = [case for case in cases() if not roles or case[1].partition("=")[0] in roles]
    firsts = {fault: claim.id for claim, fault in reversed(known)}
    urgent = [case for case in known if rows_of(case[1]) and firsts[case[1]] == case[0].id]
    for part in (urgent, known):
        for salt in salts:
            for claim, fault in part:
                if (claim.id, fault, salt) not in done:
                    done[claim.id, fault, salt] = Run(claim.id, fault, salt, "", 0.0)
                    yield claim, fault, salt


def measure(salts: Sequence[str], path: Path = STORE, roles: Sequence[str] = ()) -> None:
    """Measure what is missing, a line of JSON for each; a stopped run goes on from there."""
    for claim, fault, salt in missing(salts, path, roles):
        run = examined(claim, fault, salt)
        keep(run, path)
        if run.verdict != "REFUTED":
            print(run, flush=True)


def examined(claim: Claim, fault: str, salt: str) -> Run:
    """What the claim says of the fault at the salt."""
    started = time.perf_counter()
    conditions = Conditions(
        salt=salt, profile=PROFILES["ci"], implementation=parse((fault,)), block_limit=NO_LIMIT
    )
    # The smallest refuting setting is for readers; the verdict does not depend on it.
    quick = dataclasses.replace(claim, spends=dataclasses.replace(claim.spends, shrink=False))
    found = rejected_or_verdict(of_the_suite().examine(quick, conditions))
    return Run(claim.id, fault, salt, found, round(time.perf_counter() - started, 3))


def keep(run: Run, path: Path = STORE) -> None:
    """Append the run as a line of JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(dataclasses.asdict(run)) + "\n")
