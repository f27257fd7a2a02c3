"""What the fixture `judge` does: which claims a test examines, and one of them on its objects."""

import ast
import inspect
import shlex
import textwrap
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from harness import devices
from harness.blocks.capabilities import read_capabilities
from harness.declaration.roles import ROLES, unknown_role
from harness.implementation.named import ImplementationError
from harness.implementation.user_file import UserFileError
from harness.records.record import Record
from harness.run.api import check_implementation, chosen_claims
from harness.run.items import judge
from harness.run.options import salt_of
from harness.run.unjudged import NothingJudgedError


@dataclass(frozen=True)
class Judged:
    """One test: a claim, on a device, in a profile."""

    claim: str
    device: str
    profile: str

    @property
    def id(self) -> str:
        """The test's parameter, as pytest shows it and `-k` finds it."""
        return self.claim if self.device == "cpu" else f"{self.claim}-{self.device}"


def judged_by(metafunc: pytest.Metafunc) -> list[Judged]:
    """What a test that asks for `judge` examines; pytest.Collector.CollectError if it says not."""
    option = metafunc.config.option
    mark = metafunc.definition.get_closest_marker("claims")
    ids, said = (mark.args, mark.kwargs) if mark else ((), {})
    roles = said.get("roles") or _roles_in(metafunc.function)
    roles = tuple(roles.split() if isinstance(roles, str) else roles)
    profile = option.claims_profile or said.get("profile", "quick")
    try:
        if not roles:
            raise ImplementationError(
                f"{metafunc.function.__name__} does not call judge(ROLE=OBJECT) with roles that "
                'can be read there; name them: @pytest.mark.claims(roles="dropout")'
            )
        for role in roles:
            if role not in ROLES:
                raise ImplementationError(unknown_role(role))
        chosen = chosen_claims(roles, ids or None, profile=profile)
        there = [devices.check(name) for name in option.claims_device or ["cpu"]]
        read_capabilities(option.claims_capabilities)
    except (ImplementationError, UserFileError, devices.DeviceError) as error:
        raise pytest.Collector.CollectError(str(error)) from error
    return [
        Judged(claim.id, device, profile)
        for claim in chosen
        for device in there
        if device == "cpu" or "device" in claim.needs
    ]


def _roles_in(test: Any) -> list[str]:
    """The roles that a test calls `judge` with, read from its text; none where it unpacks them."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(test))))
    except (OSError, TypeError, SyntaxError):
        return []
    named = [
        keyword.arg
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "judge"
        for keyword in call.keywords
    ]
    return [] if None in named else [name for name in dict.fromkeys(named) if name]


class Judge:
    """Examines the claim of a test on the objects that it is called with."""

    def __init__(self, request: pytest.FixtureRequest, judged: Judged) -> None:
        self._item: Any = request.node
        self._judged = judged

    def __call__(self, **roles: Any) -> Record:
        """Let the test pass, fail or be skipped as the claim's record says, and return it.

        Args:
            roles: an object, or "module:attr", by the name of the role that it fills.
        """
        if getattr(self._item, "record", None) is not None:
            pytest.fail("`judge` was called before; write a test for each object", pytrace=False)
        try:
            record = self._item.record = self._record(roles)
        except (ImplementationError, UserFileError) as error:
            problem = str(error)
        else:
            judge(record, self._item.config)
            return record
        pytest.fail(problem, pytrace=False)

    def _record(self, roles: dict[str, Any]) -> Record:
        option, judged = self._item.config.option, self._judged
        salt = salt_of(option)
        try:
            (record,) = check_implementation(
                claims=judged.claim,
                profile=judged.profile,
                salt=salt,
                device=judged.device,
                capabilities=option.claims_capabilities,
                known_failures=option.claims_known_failures,
                block_limit=option.claims_block_limit,
                **roles,
            )
        except NothingJudgedError as nothing:  # the run says so, if it is so of every claim
            (record,) = nothing.records
        words = ["python", "-m", "pytest", self._item.nodeid, f"--claims-salt={salt}"]
        if option.claims_profile:
            words.append(f"--claims-profile={option.claims_profile}")
        if judged.device != "cpu":
            words.append(f"--claims-device={judged.device}")
        if option.claims_capabilities:
            words.append(f"--claims-capabilities={option.claims_capabilities}")
        return msgspec.structs.replace(record, rerun=shlex.join(words))
