"""All that a record is computed from, by name and digest."""

from collections.abc import Mapping
from pathlib import Path

from harness.blocks.capabilities import digest_of
from harness.declaration.claim import Claim
from harness.environment import PACKAGES, device_name, kernels, packages
from harness.implementation.named import Implementation
from harness.implementation.source import (
    ROOT,
    UNKNOWN,
    Sources,
    is_known,
    packages_digest,
    short,
)
from harness.training.accelerators import chosen
from harness.trial.conditions import Conditions, Shares


class Inputs:
    """The digests of a run's inputs, each of them computed once.

    The modules behind the objects on trial count as they are when this is made, the suite's own as
    they are when it is looked at.
    """

    def __init__(self, implementation: Implementation | None = None) -> None:
        self._sources = Sources()
        self._images: dict[str, str] = {}
        if implementation is not None:
            for role in implementation.replaced:
                self._behind(implementation, role)

    def look(self) -> None:
        """Read the harness and the book, so that they count as they are now."""
        for folder in ("harness", "claims"):
            self._sources.look(ROOT / folder)

    def of(self, claim: Claim, conditions: Conditions, shares: Shares) -> dict[str, str]:
        """What the claim's record is computed from on the device, {name: digest}."""
        implementation = conditions.implementation
        module = claim.measure.__module__
        read = self._sources.behind(module, Path(claim.file))
        own = read.pop(f"module {module}", UNKNOWN)
        found = {
            "claim": own if not is_known(own) else short(own, repr(claim.spends)),
            "experiments": _together(read),
            "harness": self._sources.look(ROOT / "harness"),
            "versions": _of(packages(), packages_digest(PACKAGES)),
            "kernels": _of(kernels()),
            "device": short(
                conditions.device, device_name(conditions.device), digest_of(conditions.capability)
            ),
            "profile": short(repr(conditions.profile)),
            "salt": short(conditions.salt),
            "options": _of(implementation.replaced, chosen()),
            "shares": short(*(f"{share:.9g}" for share in shares)),
        }
        if "images" in claim.needs:
            found["data"] = self._data(conditions.images)
        for role in implementation.on_trial(claim.roles):
            found |= self._behind(implementation, role)
        return found

    def _behind(self, implementation: Implementation, role: str) -> dict[str, str]:
        """The modules behind an object; of one that only this process has they are unknown."""
        module = implementation.replaced[role].partition(":")[0]
        if role in implementation.objects:
            return {f"module {module}": UNKNOWN}
        return self._sources.behind(module)

    def _data(self, images: str) -> str:
        from harness.data.fashion_mnist import files_of

        if images not in self._images:
            self._images[images] = short(*(file.read_bytes() for file in files_of(images)))
        return self._images[images]


def _of(named: Mapping[str, str], *more: str) -> str:
    return short(*(f"{name}={value}" for name, value in sorted(named.items())), *more)


def _together(read: Mapping[str, str]) -> str:
    """One digest for all; the first that is unknown where one is."""
    return next((one for one in read.values() if not is_known(one)), _of(read))
