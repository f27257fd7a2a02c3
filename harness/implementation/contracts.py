"""What every implementation of a role must keep, checked on each call at the door.

A broken contract is an ERROR of the trial, never a refutation: the claim was not examined.
"""

import functools
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from harness.declaration.not_applicable import NotApplicableError
from harness.failures import is_lost_device, is_out_of_memory
from harness.implementation.arguments import fitting
from harness.implementation.calls import note_call
from harness.implementation.results import CHECKS
from harness.implementation.side_effects import broken_rule, memory_of, side_effects_of
from harness.unofficial import threads_started

WATCHED = 32  # the first calls are watched for side effects, and every so many after them

INSTEAD = {  # of a draw from a global generator, where the role is given none
    "trainer": "give adapter('trainer', ...) of it, which begins runs that are compared alike and "
    "puts the generators back",
}


class ContractError(Exception):
    """A primitive broke its role's contract; the message names the role and the rule."""


class BlockTimeoutError(Exception):
    """A block took longer than its limit; the message says how long."""

    def __init__(self, message: str = "its block did not return within its limit") -> None:
        super().__init__(message)


def guarded(
    role: str, function: Callable[..., Any], target: str, reference: Callable[..., Any]
) -> Callable[..., Any]:
    """The function, with its side effects and its results held against the role's contract.

    What it raises for options that the function does not take, and for dtypes that it does not
    declare, is said by `fitting`.
    """
    check = CHECKS.get(role)
    fitted = fitting(role, function, target, reference)
    calls = [0]
    earlier: list[Any] = []  # where the result of the last watched call lies
    instead = (INSTEAD[role],) if role in INSTEAD else ()

    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        arguments, given = fitted(arguments, options)
        calls[0] += 1
        watched = calls[0] <= WATCHED or calls[0] % WATCHED == 0
        before = side_effects_of((arguments, given), earlier) if watched else None
        note_call(role, arguments, given)
        try:
            with ExitStack() as watches:
                started = watches.enter_context(threads_started()) if watched else []
                result = function(*arguments, **given)
        except (NotApplicableError, ContractError):
            raise
        except BlockTimeoutError as error:
            raise ContractError(f"{target} as {role!r} hangs: {error}") from error
        except Exception as error:  # a user's function may raise anything
            if is_out_of_memory(error) or is_lost_device(error):
                raise  # of the machine, not of the function
            raise ContractError(
                f"{target} as {role!r} raised {type(error).__name__}: {error}"
            ) from error
        problem = before and broken_rule(
            before, side_effects_of((arguments, given), earlier), result, started, *instead
        )
        if problem is None and check is not None:
            problem = check(result, *arguments, **given)
        if problem is not None:
            raise ContractError(f"{target} as {role!r} {problem}")
        if watched:
            earlier[:] = memory_of(result)
        return result

    def compiled(backend: str) -> Callable[..., Any]:
        """The function compiled: by its adapter, which knows what to compile, or as a whole."""
        import torch

        own = getattr(function, "compiled", None)
        made = own(backend) if own else torch.compile(function, backend=backend)

        def layer(*arguments: Any, **options: Any) -> Any:
            arguments, given = fitted(arguments, options)
            note_call(role, arguments, given)
            return made(*arguments, **given)

        return layer

    # The engine asks for this to know that a fused kernel may not stand in for the primitive.
    call.under_test = target  # type: ignore[attr-defined]
    call.compiled = compiled  # type: ignore[attr-defined]
    return call
