"""A program of at most 15 lines that fails on a refuted object, without this package.

It calls the object as a refuted claim did, with arguments that are cut and rounded as long as the
result stays wrong, and compares with what the role says.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial

from harness.implementation.calls import Call
from harness.trial.counterexample.cutting import (
    Arguments,
    leaves,
    lengths,
    mapped,
    numbers,
    parts,
    plain,
    shape,
    shortened,
    sliced,
    to_digits,
)
from harness.trial.counterexample.program import program
from harness.trial.counterexample.wrong import OnTrial, found

MOST_NUMBERS = 100_000  # in the arguments of a call that is tried: a millisecond or so
PRINTED = 40


def counterexample(targets: Mapping[str, str], calls: Sequence[Call]) -> str | None:
    """The program for the first of the calls that is wrong, or None; targets are {role: "m:attr"}.

    None, too, for what is found by no name, and for what needs this package to be made.
    """
    known = cache(found)
    for call in calls:
        on_trial = known(call.role, targets[call.role])
        given = plain(call.arguments), plain(dict(call.options))
        if on_trial is None or numbers(given) > MOST_NUMBERS or not on_trial.differs(given):
            continue
        least = _rounded(on_trial, _cut(on_trial, given))
        if numbers(least) <= PRINTED:
            return program(on_trial, least)
    return None


def _cut(on_trial: OnTrial, given: Arguments) -> Arguments:
    """The arguments as short along every axis as a run of it can be while the result stays wrong.

    Halves come first, so that one wrong element among n is found in log n steps; nothing shorter
    by one at either end of an axis is wrong any more.
    """
    while (shorter := next(filter(on_trial.differs, _shorter(given)), None)) is not None:
        given = shorter
    return given


def _shorter(given: Arguments) -> Iterator[Arguments]:
    for length in sorted(lengths(given) - {0, 1}, reverse=True):
        for part in parts(length):
            yield shortened(given, length, part)
    for size in sorted({n for leaf in leaves(given) for n in shape(leaf) if n > 1}, reverse=True):
        for part in parts(size):
            yield mapped(given, partial(sliced, size=size, part=part))


def _rounded(on_trial: OnTrial, given: Arguments) -> Arguments:
    for digits in (1, 2, 4):
        tried: Arguments = mapped(given, partial(to_digits, digits=digits))
        if on_trial.differs(tried):
            return tried
    return given
