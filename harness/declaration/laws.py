"""The law of a claim's settings: independent draws over the range that its strategies span.

Hypothesis looks for the edges of that range, and its draws have no law that one could state. What
is counted is drawn by one law for all claims: every value is uniform on its range, whole numbers,
floats and listed values alike; one branch of several is as likely as another, a list has any
admitted length, and what a filter rejects is drawn again.
"""

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from harness.declaration.claim import Claim, ClaimError
from harness.unofficial import range_of

REDRAWN = 1000  # a filter that rejects so often in a row leaves nothing to draw

Draw = Callable[[np.random.Generator], Any]


class LawError(ValueError):
    """A strategy spans no range with a law; the message says which, and what to write instead."""


def law_of(claim: Claim) -> Callable[[np.random.Generator], dict[str, Any]]:
    """How a setting of the claim is drawn: from its strategies, else among its listed settings.

    Raises ClaimError with file and line for a strategy that has no such law.
    """
    if not claim.given:
        listed = [dict(setting) for setting in claim.always] or [{}]
        return lambda rng: listed[int(rng.integers(len(listed)))]
    try:
        draws = {name: draw_of(strategy) for name, strategy in claim.given.items()}
    except LawError as error:
        raise ClaimError(f"{claim.place}: claim {claim.id!r} {error}") from error
    inside = claim.inside or (lambda: True)
    asked = tuple(inspect.signature(inside).parameters)

    def whole(rng: np.random.Generator) -> dict[str, Any]:
        return {name: _plain(draw(rng)) for name, draw in draws.items()}

    return _kept(whole, lambda setting: inside(**{name: setting[name] for name in asked}))


def draw_of(strategy: Any) -> Draw:
    """How one value of a strategy is drawn by the law; raises LawError where it has none."""
    form, within = strategy if isinstance(strategy, tuple) else range_of(strategy)
    match form:
        case "of":
            return draw_of(within)
        case "among":
            return lambda rng: within[int(rng.integers(len(within)))]
        case "integers":
            return lambda rng: int(rng.integers(within[0], within[1], endpoint=True))
        case "floats" if all(math.isfinite(end) for end in within):
            return lambda rng: float(rng.uniform(*within))
        case "one of":
            branches = [draw_of(branch) for branch in within]
            return lambda rng: branches[int(rng.integers(len(branches)))](rng)
        case "tuple":
            parts = [draw_of(part) for part in within]
            return lambda rng: tuple(part(rng) for part in parts)
        case "list" if math.isfinite(within[2]):
            return _lists(draw_of(within[0]), *within[1:])
        case "map":
            inner, function = draw_of(within[0]), within[1]
            return lambda rng: function(inner(rng))
        case "filter":
            return _kept(draw_of(within[0]), within[1])
    raise LawError(
        f"draws from {strategy!r}, over which no law of settings is known; write it with "
        "sampled_from, integers, floats with two ends, one_of, tuples, lists with max_size, "
        "map and filter"
    )


def _kept(draw: Draw, wanted: Callable[[Any], Any]) -> Draw:
    def kept(rng: np.random.Generator) -> Any:
        for _ in range(REDRAWN):
            value = draw(rng)
            if wanted(value):
                return value
        raise LawError(f"rejects {REDRAWN} settings in a row; give a range that meets its filter")

    return kept


def _lists(draw: Draw, least: int, most: int, keys: Any) -> Draw:
    def listed(rng: np.random.Generator) -> list[Any]:
        return [draw(rng) for _ in range(int(rng.integers(least, most, endpoint=True)))]

    def distinct(values: list[Any]) -> bool:
        return all(len({key(value) for value in values}) == len(values) for key in keys or ())

    return _kept(listed, distinct)


def _plain(value: Any) -> Any:
    """The value as JSON gives it back, so that a setting that is replayed is the one first seen."""
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
