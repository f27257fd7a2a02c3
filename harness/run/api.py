"""Judge an implementation from Python, without a command line.

    records = check_implementation(dropout=my_dropout)

`ConformanceTests` is the same as a test class: subclass it and name roles as attributes.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.declaration.roles import ROLES
from harness.declaration.texts import salt_of_the_texts
from harness.implementation.named import Implementation, ImplementationError, of_objects, parse
from harness.implementation.user_file import (
    check_expiry,
    check_known_failures,
    read_user_file,
)
from harness.records.record import Record
from harness.run import suite
from harness.run.examiner import of_the_suite
from harness.run.terminal import failure_text
from harness.trial.conditions import Conditions
from harness.workers.executors import scheduler_of

ROOT = Path(__file__).resolve().parents[2]


def check_implementation(
    *specs: str,
    claims: Iterable[str] | None = None,
    profile: str = "quick",
    salt: str | None = None,
    device: str = "cpu",
    known_failures: str | Path | None = None,
    block_limit: float = 120.0,
    executor: Executor | None = None,
    **roles: Any,
) -> list[Record]:
    """Examine every claim that takes one of the given roles; return its records, in order.

    Args:
        specs: as --claims-implementation takes them: "ROLE=MODULE:ATTR", a .toml file, or the
            name of an entry point.
        claims: only the claims with these ids or catalogue rows.
        profile: "quick" (2 drawn settings a claim, nothing trained), "dev" (the same, with
            training), "ci" (8 settings) or "deep" (40), all at the same error rates.
        salt: text from which every random stream is derived; by default a digest of the
            claims' own texts.
        device: "cpu" or "cuda:0".
        known_failures: TOML file of [[known_failure]] entries; a record that one matches has it
            in `known_failure`.
        block_limit: seconds after which a block of replicates counts as hanging.
        executor: any `concurrent.futures.Executor`: it measures the blocks of what its workers
            can import; verdicts, counts and digests do not depend on it.
        roles: a callable, or "module:attr", by the name of its role.

    A record's `verdict` is CONFIRMED, REFUTED, UNDECIDED, ERROR or NOT APPLICABLE, and it passes
    when `as_expected` is true and the verdict is not the last of these.
    Raises ImplementationError or UserFileError in one sentence for input that cannot be used.
    """
    implementation = _implementation(specs, roles)
    entries = () if known_failures is None else read_user_file(Path(known_failures)).known_failures
    check_expiry(entries, datetime.now(UTC).date())
    check_known_failures(entries, suite.whole_suite())
    chosen = chosen_claims(tuple(implementation.replaced), claims, profile=profile)
    conditions = Conditions(
        salt=salt or salt_of_the_texts(),
        profile=PROFILES[profile],
        device=device,
        implementation=implementation,
        block_limit=block_limit,
        scheduler=None if executor is None else scheduler_of(executor),
    )
    examiner = of_the_suite()
    return [examiner.record(claim, conditions, entries) for claim in chosen]


def chosen_claims(
    roles: Sequence[str], ids: Iterable[str] | None = None, *, profile: str = "quick"
) -> list[Claim]:
    """The suite's claims that take one of the roles, or those of them that `ids` name."""
    if profile not in PROFILES:
        raise ImplementationError(
            f"profile={profile!r} is not known; there are: {', '.join(PROFILES)}"
        )
    wanted = None if ids is None else set(ids)
    on_trial = tuple(roles)
    taking = [
        claim for claim in suite.whole_suite() if suite.judges(claim, on_trial, PROFILES[profile])
    ]
    missing = (wanted or set()) - {name for claim in taking for name in (claim.id, claim.row)}
    if missing:
        raise ImplementationError(
            f"claims={sorted(missing)!r}: no claim of that id takes one of {', '.join(roles)}"
        )
    if wanted is None:
        return taking
    # The name of a claim means that claim; only a row that no claim has as its own means them all.
    rows = wanted - {claim.id for claim in taking}
    return [claim for claim in taking if claim.id in wanted or claim.row in rows]


class ConformanceTests:
    """Subclass this in a test file, name a role or more, and pytest examines every claim on it.

    class TestMyLayers(ConformanceTests):
        dropout = my_dropout
        sgd = "mypackage.optimizers:sgd"
    """

    profile: ClassVar[str] = "quick"
    salt: ClassVar[str | None] = None
    device: ClassVar[str] = "cpu"
    claims: ClassVar[tuple[str, ...] | None] = None
    known_failures: ClassVar[str | None] = None

    @classmethod
    def pytest_generate_tests(cls, metafunc: Any) -> None:
        """One test per claim that takes a role of the class (pytest calls this hook)."""
        if "claim_id" in metafunc.fixturenames:
            chosen = chosen_claims(tuple(cls._roles()), cls.claims, profile=cls.profile)
            metafunc.parametrize("claim_id", [claim.id for claim in chosen])

    @classmethod
    def _roles(cls) -> dict[str, Any]:
        # Read without binding: a plain function named in the class is no method of it.
        found = {role: inspect.getattr_static(cls, role, None) for role in ROLES}
        return {
            role: getattr(thing, "__func__", thing)
            for role, thing in found.items()
            if thing is not None
        }

    def test_claim(self, claim_id: str) -> None:
        """The claim ends as it is expected to."""
        import pytest

        (record,) = check_implementation(
            claims=(claim_id,),
            profile=self.profile,
            salt=self.salt,
            device=self.device,
            known_failures=self.known_failures,
            **self._roles(),
        )
        if record.verdict == "NOT APPLICABLE":
            pytest.skip(f"not applicable: {record.error.message if record.error else ''}")
        if record.known_failure is not None:
            if record.as_expected:
                pytest.fail(f"{claim_id!r} is a known failure that no longer fails", pytrace=False)
            pytest.xfail(record.known_failure["reason"])
        if not record.as_expected:
            pytest.fail(failure_text(record), pytrace=False)


def _implementation(specs: tuple[str, ...], roles: dict[str, Any]) -> Implementation:
    if not specs and not roles:
        raise ImplementationError(
            "no role is given; write for example check_implementation(dropout=my_dropout)"
        )
    named, given = parse(specs), of_objects(roles)
    twice = set(named.replaced) & set(given.replaced)
    if twice:
        raise ImplementationError(f"the role {sorted(twice)[0]!r} is given twice; give it once")
    return Implementation({**named.replaced, **given.replaced}, given.objects)
