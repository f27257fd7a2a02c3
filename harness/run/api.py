"""Judge an implementation from Python, without a command line.

    records = check_implementation(dropout=my_dropout)

`ConformanceTests` is the same as a test class: subclass it and name roles as attributes.
"""

import inspect
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from harness import devices
from harness.blocks.capabilities import read_capabilities
from harness.blocks.experiment import forget
from harness.declaration.claim import Claim
from harness.declaration.profiles import PROFILES
from harness.declaration.roles import ROLES, unknown_role
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
from harness.run.unjudged import NothingJudgedError, unjudged
from harness.trial.conditions import Conditions
from harness.workers.executors import scheduler_of

ROOT = Path(__file__).resolve().parents[2]


def check_implementation(
    *specs: str,
    claims: str | Iterable[str] | None = None,
    profile: str = "quick",
    salt: str | None = None,
    device: str = "cpu",
    capabilities: str | Path | None = None,
    known_failures: str | Path | Iterable[str | Path] = (),
    block_limit: float = 120.0,
    executor: Executor | None = None,
    **roles: Any,
) -> list[Record]:
    """Examine every claim that takes one of the given roles; return its records, in order.

    Args:
        specs: as --claims-implementation takes them: "ROLE=MODULE:ATTR", a .toml file, or the
            name of an entry point.
        claims: only the claims with these ids or catalogue rows, or the one with this id.
        profile: "quick" (2 drawn settings a claim, nothing trained), "dev" (the same, with
            training), "ci" (8 settings) or "deep" (40), all at the same error rates.
        salt: text from which every random stream is derived; by default a digest of the
            claims' own texts.
        device: "cpu", or an accelerator by torch's name for it, such as "cuda:0" or "mps".
        capabilities: a TOML file of [[device]] entries: what a device cannot do.
        known_failures: a TOML file of [[known_failure]] entries, or several; a record that one
            matches has it in `known_failure`.
        block_limit: seconds after which a block of replicates counts as hanging; one that is
            declared to take more than 6 seconds has as many times longer.
        executor: any `concurrent.futures.Executor`: it measures the blocks of what its workers
            can import; verdicts, counts and digests do not depend on it.
        roles: a callable, or "module:attr", by the name of its role.

    A record passes when `as_expected` is true and its `verdict` is not NOT APPLICABLE.
    Raises NothingJudgedError, which has the records, if no claim about one of the roles was judged,
    and ImplementationError, UserFileError or DeviceError for input that cannot be used; each in one
    sentence.
    """
    implementation = _implementation(specs, roles)
    files = [known_failures] if isinstance(known_failures, str | Path) else known_failures
    entries = tuple(one for file in files for one in read_user_file(Path(file)).known_failure)
    check_expiry(entries, datetime.now(UTC).date())
    check_known_failures(entries, suite.whole_suite())
    chosen = chosen_claims(tuple(implementation.replaced), claims, profile=profile)
    there = devices.check(device)
    conditions = Conditions(
        salt=salt or salt_of_the_texts(),
        profile=PROFILES[profile],
        device=there,
        devices=(there,),
        capabilities=read_capabilities(capabilities),
        implementation=implementation,
        block_limit=block_limit,
        scheduler=None if executor is None else scheduler_of(executor),
    )
    forget()
    examiner = of_the_suite(PROFILES[profile])
    records = [examiner.record(claim, conditions, entries) for claim in chosen]
    if said := unjudged(records, implementation, conditions.profile):
        raise NothingJudgedError(said, records)
    return records


def chosen_claims(
    roles: Sequence[str], ids: str | Iterable[str] | None = None, *, profile: str = "quick"
) -> list[Claim]:
    """The suite's claims that take one of the roles, or those of them that `ids` name."""
    if profile not in PROFILES:
        raise ImplementationError(
            f"profile={profile!r} is not known; there are: {', '.join(PROFILES)}"
        )
    wanted = None if ids is None else {ids} if isinstance(ids, str) else set(ids)
    on_trial = tuple(roles)
    taking = [
        claim for claim in suite.whole_suite() if suite.judges(claim, on_trial, PROFILES[profile])
    ]
    missing = (wanted or set()) - {name for claim in taking for name in (claim.id, claim.row)}
    if missing:
        raise ImplementationError(
            f"claims={sorted(missing)!r}: no claim of that id takes one of {', '.join(roles)}; "
            f"there are: {', '.join(claim.id for claim in taking) or 'none'}"
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
    capabilities: ClassVar[str | None] = None
    claims: ClassVar[str | tuple[str, ...] | None] = None
    known_failures: ClassVar[str | tuple[str, ...]] = ()

    @classmethod
    def pytest_generate_tests(cls, metafunc: Any) -> None:
        """One test per claim that takes a role of the class, and per role (a hook of pytest)."""
        import pytest

        try:
            roles, ids = tuple(cls._roles()), [claim.id for claim in cls._chosen()]
        except ImplementationError as error:
            raise pytest.Collector.CollectError(f"{cls.__name__}: {error}") from error
        if "claim_id" in metafunc.fixturenames:
            metafunc.parametrize("claim_id", ids)
        elif "role" in metafunc.fixturenames:
            metafunc.parametrize("role", roles)

    @classmethod
    def _chosen(cls) -> list[Claim]:
        return chosen_claims(tuple(cls._roles()), cls.claims, profile=cls.profile)

    @classmethod
    def _roles(cls) -> dict[str, Any]:
        # Read without binding: a plain function named in the class is no method of it.
        found = {role: inspect.getattr_static(cls, role, None) for role in ROLES}
        roles = {
            role: getattr(thing, "__func__", thing)
            for role, thing in found.items()
            if thing is not None
        }
        other = [name for name in dir(cls) if name not in {*dir(ConformanceTests), *ROLES}]
        likely = [name for name in other if get_close_matches(name, ROLES, cutoff=0.85)]
        if likely or not roles:
            wrong = unknown_role(likely[0]) if likely else "no role is given; write dropout = mine"
            raise ImplementationError(wrong)
        return roles

    def test_claim(self, claim_id: str, request: Any) -> None:
        """The claim ends as it is expected to."""
        from harness.run.items import judge

        record = request.node.record = self._record(claim_id)  # a plugin writes it
        judge(record, request.config)

    def test_role(self, role: str) -> None:
        """A claim about the role was judged: to be not applicable everywhere is no pass."""
        import pytest

        records = []
        for claim in self._chosen():
            if role in claim.roles:
                records.append(self._record(claim.id))
                if records[-1].verdict.judged:
                    return
        on_trial = of_objects({role: self._roles()[role]})
        said = unjudged(records, on_trial, PROFILES[self.profile])
        pytest.fail(str(said), pytrace=False)

    @classmethod
    @cache
    def _record(cls, claim_id: str) -> Record:
        try:
            (record,) = check_implementation(
                claims=(claim_id,),
                profile=cls.profile,
                salt=cls.salt,
                device=cls.device,
                capabilities=cls.capabilities,
                known_failures=cls.known_failures,
                **cls._roles(),
            )
        except NothingJudgedError as nothing:
            (record,) = nothing.records
        return record


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
