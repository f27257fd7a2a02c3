"""What a device cannot do, from a file and from what is known; what needs it is not applicable.

[[device]]
name = "npu"
no_dtypes = ["float64"]
no_operations = ["aten::linalg_qr"]
"""

from __future__ import annotations

import contextlib
import difflib
import functools
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct

from harness import devices
from harness.declaration.not_applicable import NotApplicableError
from harness.declaration.roles import ROLES, unknown_role
from harness.implementation.source import short
from harness.implementation.user_file import Said, UserFileError, read_toml
from harness.unofficial import is_made_of_others, plain_to_the_compiler

if TYPE_CHECKING:
    import torch

KNOWN = {"mps": ("complex128", "float64")}  # dtypes that no device of the kind has


class Capability(Struct, frozen=True, forbid_unknown_fields=True):
    """What a device, or every device of a kind, has in spite of what is known, and has not."""

    name: Said
    dtypes: tuple[Said, ...] = ()
    no_dtypes: tuple[Said, ...] = ()
    no_operations: tuple[Said, ...] = ()
    no_roles: tuple[Said, ...] = ()
    generator: bool = True
    replays: bool = True

    def is_of(self, name: str) -> bool:
        """True if the two names may mean one device; that of a kind means all of its devices."""
        one, other = self.name.partition(":"), name.partition(":")
        return one[0] == other[0] and (one == other or "" in (one[2], other[2]))


def digest_of(capability: Capability | None) -> str:
    """What a record keeps of it: "" if nothing is said of the device."""
    return short(repr(capability)) if capability else ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    device: tuple[Capability, ...] = ()


@dataclass(frozen=True)
class Capabilities:
    """The entries of a file, checked; none where no file is given."""

    file: str = ""
    entries: tuple[Capability, ...] = ()

    def of(self, device: str) -> Capability | None:
        """What the device cannot do; None if nothing is said of it."""
        said = next((one for one in self.entries if one.is_of(device)), Capability(device))
        known = set(KNOWN.get(device.partition(":")[0], ())) - set(said.dtypes)
        lacks = tuple(sorted(known.union(said.no_dtypes)))
        found = msgspec.structs.replace(said, name=device, dtypes=(), no_dtypes=lacks)
        return None if found == Capability(device) else found


def read_capabilities(file: str | Path | None) -> Capabilities:
    """What the file says; raises UserFileError in one sentence for a wrong one."""
    if file is None:
        return Capabilities()
    cure = (
        "write entries [[device]] with a name, lists of names as dtypes, no_dtypes, no_operations "
        "and no_roles, and true or false as generator and replays"
    )
    entries = read_toml(Path(file), _File, cure).device
    for place, entry in enumerate(entries):
        if problem := _problem(entry, entries[:place]):
            raise UserFileError(f"{str(file)!r}: device {entry.name!r} {problem}")
    return Capabilities(str(file), entries)


def _problem(entry: Capability, earlier: tuple[Capability, ...]) -> str | None:
    import torch

    try:
        devices.full_name(entry.name)
    except devices.DeviceError as error:
        return f"is none: {error}"
    for other in earlier:
        if other.is_of(entry.name):
            return f"is in the entry {other.name!r} too; make them one entry"
    known = [name for name, value in vars(torch).items() if isinstance(value, torch.dtype)]
    for name in entry.dtypes + entry.no_dtypes:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1) or ["float64"]
            return f"names the dtype {name!r}, which torch has not; did you mean {near[0]!r}?"
    for name in entry.dtypes:
        if name in entry.no_dtypes:
            return f"has {name!r} in dtypes and in no_dtypes; take it out of one of them"
    for role in entry.no_roles:
        if role not in ROLES:
            return f"lacks a role that is none: {unknown_role(role)}"
    for name in entry.no_operations:
        found = getattr(torch.ops.aten, _plain(name).removeprefix("aten::"), None)
        if not name.startswith("aten::") or not hasattr(found, "overloads"):
            return (
                f"lacks the operation {name!r}, which torch has not; write it as torch's own "
                "errors do, such as 'aten::linalg_qr'"
            )
        if is_made_of_others(found):
            return (
                f"lacks the operation {name!r}, which torch makes of others before any device "
                "sees it; name those"
            )
    return None


def _plain(operation: str) -> str:
    return operation.partition(".")[0]  # all overloads of it


@dataclass(frozen=True)
class _Watch:
    """What is looked after while a block is measured: what was missed, which streams began."""

    capability: Capability
    missed: list[str] = field(default_factory=list)
    begun: set[bytes] = field(default_factory=set)

    def miss(self, what: str) -> NotApplicableError:
        said = f"{self.capability.name} {what}"
        self.missed.append(said)
        return NotApplicableError(said)


_WATCH: ContextVar[_Watch | None] = ContextVar("capability", default=None)


@contextlib.contextmanager
def held_to(capability: Capability | None, roles: tuple[str, ...]) -> Iterator[None]:
    """Raise NotApplicableError for what the device cannot do: meanwhile, and at the end again.

    So whoever catches it in between, or does it in another way, is not judged by that.
    """
    if capability is None:
        yield
        return
    watch = _Watch(capability)
    for role in roles:
        if role in capability.no_roles:
            raise watch.miss(f"lacks the role {role!r}")
    token = _WATCH.set(watch)
    try:
        with _watching(watch):
            yield
    except Exception:  # whatever became of it on its way
        if not watch.missed:
            raise
    finally:
        _WATCH.reset(token)
    if watch.missed:
        raise NotApplicableError(watch.missed[0])


def generator_on(device: str, key: bytes) -> torch.Generator:
    """A generator on the device; the key names the stream that it begins."""
    import torch

    watch = _WATCH.get()
    if watch is None or not watch.capability.is_of(device):
        return torch.Generator(device)
    if not watch.capability.generator:
        raise watch.miss("makes no generators")
    if watch.capability.replays:
        return torch.Generator(device)
    if key in watch.begun:
        raise watch.miss(REPLAY)
    watch.begun.add(key)
    return _once(device, watch)


REPLAY = "does not draw the same numbers again"


def _once(device: str, watch: _Watch) -> torch.Generator:
    made = _once_class()(device)
    made.watch = watch  # type: ignore[attr-defined]
    return made


@functools.cache  # one class: a graph of torch.compile holds for no other
def _once_class() -> type[torch.Generator]:
    import torch

    class Once(torch.Generator):
        """A generator whose state nobody can go back to."""

        watch: _Watch

        def get_state(self, *_: Any) -> Any:
            raise self.watch.miss(REPLAY)

        set_state = clone_state = get_state  # type: ignore[assignment]

    plain_to_the_compiler(Once)
    return Once


def _watching(watch: _Watch) -> contextlib.AbstractContextManager[Any]:
    """A mode in which torch shows every operation, those of a backward pass too."""
    import torch
    from torch.utils._python_dispatch import TorchDispatchMode
    from torch.utils._pytree import tree_leaves

    limits = watch.capability
    here = torch.device(limits.name)
    dtypes = {getattr(torch, name) for name in limits.no_dtypes}
    operations = {_plain(name) for name in limits.no_operations}

    class Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
        supports_higher_order_operators = True

        # What is compiled stays compiled: without these torch would run it as it was written.
        @classmethod
        def is_infra_mode(cls) -> bool:
            return True

        @classmethod
        def ignore_compile_internals(cls) -> bool:
            return True

        def __torch_dispatch__(
            self, func: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            options = kwargs or {}
            self.look(func, (args, options))
            result = func(*args, **options)
            self.look(func, result)
            return result

        def look(self, func: Any, tree: Any) -> None:
            for leaf in tree_leaves(tree):
                if isinstance(leaf, torch.Tensor) and leaf.device == here:
                    if leaf.dtype in dtypes:
                        raise watch.miss(f"has no {str(leaf.dtype).removeprefix('torch.')}")
                    if _plain(func.name()) in operations:
                        raise watch.miss(f"has no operation {_plain(func.name())}")

    return Watching()  # type: ignore[no-untyped-call]
