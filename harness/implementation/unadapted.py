"""What to write for an object of a framework that is given as it is, where it fills no role."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

# Whose adapter takes the objects of a package. What else of torch is met holds users' own code.
ADAPTED = {
    "torch.nn": "torch", "torch.optim": "torch", "jax": "jax", "flax": "jax", "optax": "jax",
    "keras": "keras", "sklearn": "sklearn",
}  # fmt: skip


def adapter_for(role: str, thing: Any, reference: Callable[..., Any]) -> str | None:
    """The call that makes the role of the object, as source; None where it may be the role itself.

    A class of a framework, one that is derived from it, and a function or an instance of its own
    take other arguments than a role does; torch's functions of one tensor are roles as they are.
    """
    arrays = next(filter(None, map(_framework, _modules(thing))), None)
    if arrays is None or (arrays == "torch" and _is_of_one_tensor(thing, reference)):
        return None
    try:
        room = importlib.import_module(f"harness.adapters.from_{arrays}")
    except ImportError:  # a part of what the adapters take is not installed
        return None
    if role not in room.ADAPTERS:
        return None
    more = "" if arrays == "torch" else f", arrays={arrays!r}"
    return f"{role} = chapter_and_verse.adapter({role!r}, {_shown(thing)}{more})"


def _shown(thing: Any) -> str:
    if hasattr(thing, "func"):  # a partial, with what it was given
        return f"partial({_shown(thing.func)}, ...)"
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))


def _modules(thing: Any) -> Iterator[str]:
    """The module that the object is of; of a class also those of the classes it is made from."""
    function = getattr(thing, "func", thing)  # of a partial
    for one in function.__mro__ if isinstance(function, type) else (function,):
        yield str(getattr(one, "__module__", None))


def _framework(module: str) -> str | None:
    homes = (home for home in ADAPTED if f"{module}.".startswith(f"{home}."))
    return next((ADAPTED[home] for home in homes), None)


def _is_of_one_tensor(thing: Any, reference: Callable[..., Any]) -> bool:
    parameters = inspect.signature(reference).parameters.values()
    needed = [one for one in parameters if one.default is one.empty]
    return len(needed) == 1 and not isinstance(thing, type)
