"""What a run returned, as numbers and curves; whatever else it is, is told in one sentence."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from harness.records.compared_runs import LONGEST_CURVE, RunsError, Value
from harness.statistics.comparison.margins import Margin

WANTED = 'a run returns a mapping of numbers or curves, as {"test_loss": 0.31, "curve": [1.2, 0.4]}'


def numbers(returned: Any, by: str) -> dict[str, Value]:
    """The mapping that a run returned, its numbers as floats and its curves as tuples.

    `by` names the side in messages. What is not finite is None: a run that diverged.
    Raises RunsError.
    """
    if not isinstance(returned, Mapping) or not returned:
        what = "an empty mapping" if isinstance(returned, Mapping) else _kind(returned)
        raise RunsError(f"{by} returned {what}; {WANTED}")
    return {str(name): _value(value, f"{by}: {name!r}") for name, value in returned.items()}


def _value(value: Any, said: str) -> Value:
    if hasattr(value, "tolist"):  # an array, a tensor, or a scalar of their libraries
        value = value.detach().tolist() if hasattr(value, "detach") else value.tolist()
    if isinstance(value, str | bytes | Mapping):
        raise RunsError(f"{said} is {_kind(value)}; {WANTED}")
    if isinstance(value, Sequence):
        if not 0 < len(value) <= LONGEST_CURVE:
            raise RunsError(
                f"{said} is a curve of {len(value)} points; a curve has 1 to {LONGEST_CURVE}: "
                "return every tenth point, or the mean of each epoch"
            )
        return tuple(_number(one, said) for one in value)
    return _number(value, said)


def _number(value: Any, said: str) -> float | None:
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise RunsError(f"{said} is {_kind(value)}; {WANTED}") from error
    return found if math.isfinite(found) else None


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {value!r}"[:80]


def points(margin: Margin, value: Value) -> dict[Margin, float]:
    """The number that a margin asks for, or all points of a curve, each with its own margin.

    A run that diverged has NaN. Raises RunsError for a point that is not there.
    """
    if not isinstance(value, tuple):
        if margin.at is not None:
            raise RunsError(
                f"{margin.of} is a point of a curve, and a run returned one number; ask for "
                f"{margin.name!r}"
            )
        return {margin: _known(value)}
    if margin.at is None:
        return {
            Margin(margin.name, margin.size, margin.unit, at): _known(one)
            for at, one in enumerate(value)
        }
    if not -len(value) <= margin.at < len(value):
        raise RunsError(
            f"{margin.of} is no point of a curve of {len(value)} points; there are 0 to "
            f"{len(value) - 1}, and -1 is the last"
        )
    return {margin: _known(value[margin.at])}


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def check_alike(
    one: Mapping[str, Value],
    other: Mapping[str, Value],
    asked: Sequence[Margin],
    names: tuple[str, str],
) -> None:
    """Raise RunsError where two runs have other statistics, or curves of other lengths."""
    if one.keys() != other.keys():
        apart = sorted(one.keys() ^ other.keys())
        has = names[0] if apart[0] in one else names[1]
        raise RunsError(
            f"{', '.join(map(repr, apart[:3]))} {'is' if len(apart) == 1 else 'are'} returned by "
            f"{has} alone; let both sides return the same statistics"
        )
    for margin in asked:
        if margin.name not in one:
            raise RunsError(
                f"no run returned {margin.name!r}, which has a margin; there are: "
                f"{', '.join(sorted(one))}"
            )
    for name, value in one.items():
        lengths = [len(v) if isinstance(v, tuple) else 0 for v in (value, other[name])]
        if lengths[0] != lengths[1]:
            said = [f"{n} points" if n else "one number" for n in lengths]
            raise RunsError(
                f"{name!r} has {said[0]} in a run of {names[0]} and {said[1]} in one of "
                f"{names[1]}; let every run return as many"
            )
