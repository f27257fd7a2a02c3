"""The options of a run, checked at the door."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness import devices
from harness.blocks.capabilities import Capabilities, read_capabilities
from harness.declaration.profiles import PROFILES, Profile
from harness.declaration.texts import salt_of_the_texts
from harness.implementation.named import Implementation, parse
from harness.implementation.user_file import KnownFailure, check_expiry, read_user_file


class SessionError(ValueError):
    """An option or the output folder cannot be used; the message says what to give instead."""


@dataclass(frozen=True)
class Options:
    """The options of a run, checked."""

    profile: Profile
    salt: str
    devices: tuple[str, ...]
    implementation: Implementation
    images: str
    output: Path
    only: tuple[str, ...]
    executor: str | None
    block_limit: float
    go_on: bool
    all_claims: bool = False
    known_failures: tuple[KnownFailure, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)


def options_of(given: Any) -> Options:
    """The checked options; raises SessionError and its kin in one sentence for a wrong one."""
    name = given.claims_profile or os.environ.get("CLAIMS_PROFILE", "ci")
    if name not in PROFILES:
        raise SessionError(
            f"--claims-profile={name!r} is not known; there are: {', '.join(PROFILES)}"
        )
    salt = salt_of(given)
    if not salt.strip():
        raise SessionError(
            "--claims-salt is empty, so no stream can be derived from it; give any text, "
            "or leave the option out for the default"
        )
    if not given.claims_block_limit > 0:
        raise SessionError(
            f"--claims-block-limit={given.claims_block_limit:g} leaves no time for a block; "
            "give a positive number of seconds"
        )
    profile = PROFILES[name]
    return Options(
        profile,
        salt,
        _devices(given.claims_device),
        parse(tuple(given.claims_implementation)),
        _images(given.claims_data, profile),
        Path(given.claims_output),
        tuple(name for names in given.claims_only for name in names.split(",")),
        given.claims_executor,
        given.claims_block_limit,
        given.claims_continue,
        given.claims_all,
        _known_failures(given),
        read_capabilities(given.claims_capabilities),
    )


def salt_of(given: Any) -> str:
    """The salt that is given, by option or environment, or the digest of the claims' own texts."""
    if given.claims_salt is not None:
        return str(given.claims_salt)
    return os.environ.get("CLAIMS_SALT") or salt_of_the_texts()


def _known_failures(given: Any) -> tuple[KnownFailure, ...]:
    files = [spec for spec in given.claims_implementation if spec.endswith(".toml")]
    files += [file for file in given.claims_known_failures if file not in files]
    entries = tuple(entry for file in files for entry in read_user_file(Path(file)).known_failure)
    check_expiry(entries, datetime.now(UTC).date())
    return entries


def _devices(names: list[str] | None) -> tuple[str, ...]:
    if not names:
        return devices.available()
    if "all" in names:
        return (devices.CPU, *devices.accelerators())
    chosen: list[str] = []
    for name in names:
        checked = devices.check(name)
        if checked not in chosen:
            chosen.append(checked)
    return tuple(chosen)


def _images(given: str | None, profile: Profile) -> str:
    """'slice', 'full' or a folder; looked at now, so that a wrong folder is told at once."""
    from harness.data import fashion_mnist

    if given is None:
        if profile.full_images and fashion_mnist.find_folder() is not None:
            return "full"
        return "slice"
    if given not in ("slice", "full"):
        try:
            fashion_mnist.load_images(Path(given))
        except (OSError, ValueError) as error:
            raise SessionError(f"--claims-data={given!r}: {error}") from error
    elif given == "full" and fashion_mnist.find_folder() is None:
        raise SessionError(
            "--claims-data=full: the four Fashion-MNIST files were not found; give their folder, "
            "set FASHION_MNIST, or install Debian's dataset-fashion-mnist"
        )
    return given
