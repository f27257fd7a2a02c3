"""Products of small matrices for the nets' compiled loops, four rows by sixteen columns at once.

Matrices lie in flat arrays by rows, from a place on; a row takes whole vectors. Eight registers of
256 bits hold such a tile while the inner sum runs, so that a number is loaded once for four rows.
"""

from typing import Any

import numba

from harness.training.vectors import every, load, mixing, store

WIDE = 16  # columns of a tile: rows of a matrix are padded to whole ones
TALL = 4  # rows of a tile: as many examples are taken at once, and inputs of a layer


@numba.njit(cache=True)
def shifted_product(
    a: Any, a_from: Any, a_row: Any, b: Any, b_from: Any, b_row: Any, shift: Any, shift_from: Any,
    out: Any, out_from: Any, out_row: Any, rows: Any, inner: Any, columns: Any,
) -> None:  # fmt: skip
    """Write out = a b + shift, where every row of a (rows, inner) is one of memory."""
    for column in range(0, columns, WIDE):
        begin = load(shift, shift_from + column, WIDE)
        for row in range(0, rows, TALL):
            s0 = s1 = s2 = s3 = begin
            at = a_from + row * a_row
            for k in range(inner):
                line = load(b, b_from + k * b_row + column, WIDE)
                s0 = s0 + every(a[at + k], WIDE) * line
                s1 = s1 + every(a[at + a_row + k], WIDE) * line
                s2 = s2 + every(a[at + 2 * a_row + k], WIDE) * line
                s3 = s3 + every(a[at + 3 * a_row + k], WIDE) * line
            place = out_from + row * out_row + column
            store(out, place, s0)
            store(out, place + out_row, s1)
            store(out, place + 2 * out_row, s2)
            store(out, place + 3 * out_row, s3)


@numba.njit(cache=True)
def stepped_by_product(
    a: Any, a_from: Any, a_row: Any, b: Any, b_from: Any, b_row: Any, out: Any, out_from: Any,
    out_row: Any, rows: Any, inner: Any, columns: Any, kept: Any, rate: Any,
) -> None:  # fmt: skip
    """Write out = kept out - rate a' b, where every column of a' (rows, inner) is one of memory."""
    stays, moves, none = every(kept, WIDE), every(rate, WIDE), every(rate - rate, WIDE)
    for column in range(0, columns, WIDE):
        for row in range(0, rows, TALL):
            s0 = s1 = s2 = s3 = none
            at = a_from + row
            for k in range(inner):
                line = load(b, b_from + k * b_row + column, WIDE)
                s0 = s0 + every(a[at], WIDE) * line
                s1 = s1 + every(a[at + 1], WIDE) * line
                s2 = s2 + every(a[at + 2], WIDE) * line
                s3 = s3 + every(a[at + 3], WIDE) * line
                at += a_row
            place = out_from + row * out_row + column
            store(out, place, stays * load(out, place, WIDE) - moves * s0)
            place += out_row
            store(out, place, stays * load(out, place, WIDE) - moves * s1)
            place += out_row
            store(out, place, stays * load(out, place, WIDE) - moves * s2)
            place += out_row
            store(out, place, stays * load(out, place, WIDE) - moves * s3)


SQUARE = 8  # rows and columns that are turned at once


def _stage(apart: int) -> tuple[Any, Any]:
    """Return what swaps the odd groups of `apart` lanes of one vector with the even of another."""
    low, high = [], []
    for lane in range(SQUARE):
        odd = lane // apart % 2
        low.append(lane + SQUARE - apart if odd else lane)
        high.append(lane + SQUARE if odd else lane + apart)
    return mixing(low), mixing(high)


_low1, _high1 = _stage(1)
_low2, _high2 = _stage(2)
_low4, _high4 = _stage(4)


@numba.njit(cache=True)
def turned_into(
    a: Any, a_from: Any, a_row: Any, out: Any, out_row: Any, rows: Any, columns: Any
) -> None:
    """Write a (rows, columns) as out (columns, rows), in whole squares."""
    for row in range(0, rows, SQUARE):
        for column in range(0, columns, SQUARE):
            at = a_from + row * a_row + column
            a0 = load(a, at, 8)
            a1 = load(a, at + a_row, 8)
            a2 = load(a, at + 2 * a_row, 8)
            a3 = load(a, at + 3 * a_row, 8)
            a4 = load(a, at + 4 * a_row, 8)
            a5 = load(a, at + 5 * a_row, 8)
            a6 = load(a, at + 6 * a_row, 8)
            a7 = load(a, at + 7 * a_row, 8)
            b0, b1, b2, b3 = _low1(a0, a1), _high1(a0, a1), _low1(a2, a3), _high1(a2, a3)
            b4, b5, b6, b7 = _low1(a4, a5), _high1(a4, a5), _low1(a6, a7), _high1(a6, a7)
            a0, a1, a2, a3 = _low2(b0, b2), _low2(b1, b3), _high2(b0, b2), _high2(b1, b3)
            a4, a5, a6, a7 = _low2(b4, b6), _low2(b5, b7), _high2(b4, b6), _high2(b5, b7)
            place = column * out_row + row
            store(out, place, _low4(a0, a4))
            store(out, place + out_row, _low4(a1, a5))
            store(out, place + 2 * out_row, _low4(a2, a6))
            store(out, place + 3 * out_row, _low4(a3, a7))
            store(out, place + 4 * out_row, _high4(a0, a4))
            store(out, place + 5 * out_row, _high4(a1, a5))
            store(out, place + 6 * out_row, _high4(a2, a6))
            store(out, place + 7 * out_row, _high4(a3, a7))
