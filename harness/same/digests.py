"""Which function is compared: a digest of its code, of what is bound to it, and of its modules."""

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.environment import packages
from harness.implementation.source import INSTALLED, Sources, is_known, short

PLAIN = (bool, int, float, complex, str, bytes, type(None))


@dataclass(frozen=True)
class Code:
    """What a function's runs are computed by: a digest, and in words what that cannot see."""

    digest: str
    unseen: str = ""


class Unseen(str):
    """What the digest leaves out, in words."""

    __slots__ = ()


def code_of(function: Callable[..., Any]) -> Code:
    """The digest is another one when the function, a module that it imports, or a version changes.

    What is bound to it counts where it is plain data, a function or a class; of other objects
    their type, which `unseen` says, as it does of modules that cannot be known.
    """
    found = list(_parts(function, {}))
    versions = (f"{name} {version}" for name, version in packages().items())
    seen = [part for part in found if not isinstance(part, Unseen)]
    unseen = dict.fromkeys(part for part in found if isinstance(part, Unseen))
    return Code(short(*seen, *versions), "; ".join(unseen))


def name_of(function: Callable[..., Any]) -> str:
    """What people call it: module and name."""
    if isinstance(function, functools.partial):
        return name_of(function.func)
    named = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', '?')}.{named}"


def _parts(found: Any, seen: dict[int, Any]) -> Iterator[str]:
    """The parts of a digest, in order; `seen` holds what they are of, each told once."""
    if isinstance(found, PLAIN):
        yield repr(found)
        return
    if id(found) in seen:
        return
    seen[id(found)] = found
    if isinstance(found, tuple | list):
        for one in found:
            yield from _parts(one, seen)
    elif isinstance(found, set | frozenset):
        yield from _parts(sorted(found, key=repr), seen)
    elif isinstance(found, dict):
        for key in sorted(found, key=repr):
            yield repr(key)
            yield from _parts(found[key], seen)
    elif isinstance(found, types.CodeType):
        yield found.co_code.hex()
        yield from (*found.co_names, *found.co_varnames)
        yield from _parts(found.co_consts, seen)
    elif isinstance(found, functools.partial):
        yield from _parts((found.func, found.args, found.keywords), seen)
    elif isinstance(found, types.MethodType):
        yield from _parts((found.__func__, found.__self__), seen)
    elif isinstance(found, types.FunctionType):
        yield name_of(found)
        yield from _parts(found.__code__, seen)
        yield from _parts((found.__defaults__, found.__kwdefaults__), seen)
        yield from _parts([_content(cell) for cell in found.__closure__ or ()], seen)
        yield from _modules(found)
    elif isinstance(found, type):
        yield f"{found.__module__}.{found.__qualname__}"
        yield from _modules(found)
    else:
        yield "an object"
        yield from _parts(type(found), seen)
        yield Unseen(f"a {type(found).__qualname__} that it holds is known by its type alone")


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing is bound yet
        return None


def _modules(owner: Any) -> Iterator[str]:
    """The digests of its module and of what that imports of its own tree, where they are known."""
    if owner.__module__ == "__main__":
        yield Unseen(f"of __main__ {owner.__qualname__} alone is known; put it into a module")
        return
    try:
        source = inspect.getsourcefile(owner)
    except TypeError:  # it is written in C
        return
    file = Path(source).resolve() if source else None
    if file and (not file.is_file() or INSTALLED.intersection(file.parts)):
        file = None
    if file:
        yield short(_text(file))
    for name, digest in sorted(_sources().behind(owner.__module__, file).items()):
        yield f"{name} {digest}" if is_known(digest) else Unseen(f"{name} is {digest}")


@functools.cache
def _text(file: Path) -> bytes:
    return file.read_bytes()


@functools.cache
def _sources() -> Sources:
    """The files as this process has first seen them, which is how it runs them."""
    return Sources()
