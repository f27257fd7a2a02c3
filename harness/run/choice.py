"""Which claims a run examines, and on which devices: what its options choose."""

import difflib
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from harness.blocks.settings import largest_number_of_settings
from harness.declaration.claim import Claim, Untestable
from harness.implementation.user_file import KnownFailure, failure_known_of
from harness.run import suite
from harness.run.options import Options, SessionError


@dataclass(frozen=True)
class Choice:
    """What the options choose among the claims that were collected."""

    options: Options

    @property
    def on_trial(self) -> tuple[str, ...]:
        """The roles that are not the reference."""
        return tuple(self.options.implementation.replaced)

    @property
    def judges_roles(self) -> bool:
        """True if only the claims about the roles under test are examined."""
        return bool(self.on_trial) and not (self.options.all_claims or self.options.only)

    def devices_for(self, claim: Claim) -> tuple[str, ...]:
        """The devices that the claim is examined on."""
        if claim.deep_only and self.options.profile.name != "deep":
            return ()
        if "device" not in claim.needs:
            return tuple(name for name in self.options.devices if name == "cpu")
        return self.options.devices

    def wants(self, claim: Claim | Untestable, ids: Collection[str] = ()) -> bool:
        """True unless --claims-only names other claims, or it takes no role that is on trial.

        A name that is among `ids` means the claim of that id alone, any other the claims of a row.
        """
        if self.judges_roles:
            return isinstance(claim, Claim) and suite.judges(
                claim, self.on_trial, self.options.profile
            )
        only = set(self.options.only)
        return not only or claim.id in only or claim.row in only.difference(ids)

    def leaves_out(self, claim: Claim | Untestable) -> bool:
        """True for a claim that is too costly for the profile, where whole folders are run."""
        if isinstance(claim, Untestable) or not self._has_a_bound:
            return False
        profile = self.options.profile
        return claim.cost * largest_number_of_settings(claim, profile.draws) > profile.costliest

    @property
    def _has_a_bound(self) -> bool:
        options = self.options
        named = self.on_trial or options.all_claims or options.only
        return options.profile.costliest < math.inf and not named

    def known_failure(self, claim: Claim | Untestable) -> KnownFailure | None:
        """The user's entry that says that this claim fails, if there is one."""
        return failure_known_of(claim, self.options.known_failures, self.on_trial)

    def check_names(self, claims: Iterable[Claim]) -> None:
        """Raise SessionError where --claims-only names none of the claims."""
        names = sorted({name for claim in claims for name in (claim.id, claim.row)})
        for only in self.options.only:
            if only not in names:
                near = difflib.get_close_matches(only, names, n=3)
                raise SessionError(
                    f"--claims-only={only!r} names no claim; "
                    f"the nearest are: {', '.join(near) or ', '.join(names[:3])}"
                )

    def header(self) -> list[str]:
        """What is on trial and what is left out, for the head of the terminal."""
        options, profile = self.options, self.options.profile
        replaced = options.implementation.replaced
        shown = ", ".join(f"{role}={target}" for role, target in replaced.items())
        lines = [
            f"claims: implementation {shown or 'reference'}; devices {', '.join(options.devices)}; "
            f"profile {profile.name}; salt {options.salt}; images {options.images}"
        ]
        if self.judges_roles:
            less = "" if profile.protocols else " and train nothing"
            lines.append(f"claims: only those that take {', '.join(replaced)}{less}{ALL}")
        elif self._has_a_bound:
            lines.append(
                f"claims: {profile.name} leaves the costly claims of a run of whole folders to ci"
                + ALL
            )
        return [*lines, BUDGET]


ALL = " (all of them with --claims-all)"
BUDGET = (
    "claims: error budget of the whole suite 1e-06 false confirmations, 1e-06 false refutations "
    "per run"
)
