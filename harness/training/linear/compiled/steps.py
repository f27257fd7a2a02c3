"""The loops of `compiled`: every replica through all its epochs, in vectors.

All take rows (R, n, width) with y in the column that has the fixed weight -1, orders in lanes
(see `compiled_orders.Lanes`), the weights (R, width) to step in place, what a step multiplies every
weight by, the rate of every column (0 for y's) and the batch size.
"""

from functools import lru_cache
from typing import Any

import numba
import numpy as np

from harness.training.vectors import every, first, load, picking, store

LANES = 8  # numbers of a vector; rows are padded to whole ones
FEW = 4  # columns, a bias counted: up to here products of columns are summed instead
WIDE = 16  # numbers of two vectors, where nothing is padded to them
_UNROLLED = 4  # vectors of a row whose weights stay in registers

# The products of the columns 0 to 3 with those from themselves to 4, one after another.
_PAIRS = [(j, k) for j in range(FEW) for k in range(j, FEW + 1)]
_TOGETHER = 16  # numbers: the 14 products, side by side in one line of the cache


def _column(k: int) -> Any:
    """Return a function that picks column k's products with the columns 0 to 3."""
    return picking([_PAIRS.index((min(j, k), max(j, k))) for j in range(FEW)])


_with_0, _with_1, _with_2, _with_3, _with_y = (_column(k) for k in range(FEW + 1))
_0th, _1st, _2nd, _3rd = (picking([k] * FEW) for k in range(FEW))


@numba.njit(cache=True, error_model="numpy")
def few(
    rows: Any, places: Any, replicas: Any, weights: Any, shrink: Any, rates: Any, size: Any
) -> None:
    """Step up to four weights by the sums of a batch's products, G w - c.

    Only the step itself waits for the weights; the sums run ahead of it.
    """
    epochs, sets, n, lanes = places.shape
    products = np.empty((n + 4) * _TOGETHER, dtype=rows.dtype)
    products = products[-products.ctypes.data % 64 // products.itemsize :]
    kept, rate = load(shrink, 0, FEW), load(rates, 0, FEW)
    for s in range(sets):
        for lane in range(lanes):
            r = replicas[s, lane]
            if r < 0:
                continue
            _multiply(rows, r, products)
            w = load(weights, r * (FEW + 1), FEW)
            for epoch in range(epochs):
                for start in range(0, n, size):
                    stop = min(start + size, n)
                    g = every(rows.dtype.type(0), _TOGETHER)
                    for at in range(start, stop):
                        example = np.intp(places[epoch, s, at, lane])
                        g = g + load(products, example * _TOGETHER, _TOGETHER)
                    step = _with_0(g) * _0th(w) + _with_1(g) * _1st(w)
                    step = step + (_with_2(g) * _2nd(w) + _with_3(g) * _3rd(w) - _with_y(g))
                    share = rows.dtype.type(1) / rows.dtype.type(stop - start)
                    w = kept * w - rate * every(share, FEW) * step
            store(weights, r * (FEW + 1), w)


@numba.njit
def _multiply(rows: Any, r: Any, products: Any) -> None:
    """Put the products of every example's columns side by side."""
    for i in range(rows.shape[1]):
        x = rows[r, i]
        place = i * _TOGETHER
        for j in range(FEW):
            for k in range(j, FEW + 1):
                products[place] = x[j] * x[k]
                place += 1
        products[place] = products[place + 1] = 0


@lru_cache(maxsize=_UNROLLED)
def unrolled(vectors: int) -> Any:
    """Return the loop for rows of up to four vectors; what it has of more is compiled away."""

    @numba.njit(cache=True, error_model="numpy")
    def steps(
        rows: Any, places: Any, replicas: Any, weights: Any, shrink: Any, rates: Any, size: Any
    ) -> None:
        epochs, sets, n, lanes = places.shape
        width = vectors * LANES
        zero = every(rows.dtype.type(0), LANES)
        for s in range(sets):
            for lane in range(lanes):
                r = replicas[s, lane]
                if r < 0:
                    continue
                own = r * width
                w0 = load(weights, own, LANES)
                w1 = load(weights, own + 1 * LANES, LANES) if vectors > 1 else zero
                w2 = load(weights, own + 2 * LANES, LANES) if vectors > 2 else zero
                w3 = load(weights, own + 3 * LANES, LANES) if vectors > 3 else zero
                for epoch in range(epochs):
                    for start in range(0, n, size):
                        stop = min(start + size, n)
                        g0 = g1 = g2 = g3 = zero
                        for at in range(start, stop):
                            x = (r * n + np.intp(places[epoch, s, at, lane])) * width
                            x0 = load(rows, x, LANES)
                            x1 = load(rows, x + 1 * LANES, LANES) if vectors > 1 else zero
                            x2 = load(rows, x + 2 * LANES, LANES) if vectors > 2 else zero
                            x3 = load(rows, x + 3 * LANES, LANES) if vectors > 3 else zero
                            error = x0 * w0
                            if vectors > 1:
                                error = error + x1 * w1
                            if vectors > 2:
                                error = error + x2 * w2
                            if vectors > 3:
                                error = error + x3 * w3
                            error = _summed(error)
                            g0 = g0 + error * x0
                            g1 = g1 + error * x1
                            g2 = g2 + error * x2
                            g3 = g3 + error * x3
                        share = every(rows.dtype.type(1) / rows.dtype.type(stop - start), LANES)
                        w0 = _stepped(w0, g0 * share, shrink, rates, 0)
                        if vectors > 1:
                            w1 = _stepped(w1, g1 * share, shrink, rates, 1 * LANES)
                        if vectors > 2:
                            w2 = _stepped(w2, g2 * share, shrink, rates, 2 * LANES)
                        if vectors > 3:
                            w3 = _stepped(w3, g3 * share, shrink, rates, 3 * LANES)
                store(weights, own, w0)
                if vectors > 1:
                    store(weights, own + 1 * LANES, w1)
                if vectors > 2:
                    store(weights, own + 2 * LANES, w2)
                if vectors > 3:
                    store(weights, own + 3 * LANES, w3)

    return steps


def steps_for(width: int) -> Any:
    """Return the loop for rows of whole vectors."""
    return unrolled(width // LANES) if width <= _UNROLLED * LANES else many


_by_4, _by_2, _by_1 = (picking([k ^ apart for k in range(LANES)]) for apart in (4, 2, 1))


@numba.njit
def _summed(v: Any) -> Any:
    """Return the sum of all lanes, in all lanes."""
    v = v + _by_4(v)
    v = v + _by_2(v)
    return v + _by_1(v)


@numba.njit
def _stepped(w: Any, g: Any, shrink: Any, rates: Any, at: Any) -> Any:
    return load(shrink, at, LANES) * w - load(rates, at, LANES) * g


@numba.njit(cache=True, error_model="numpy")
def many(
    rows: Any, places: Any, replicas: Any, weights: Any, shrink: Any, rates: Any, size: Any
) -> None:
    """Step any number of weights: all errors of a batch first, then vector by vector."""
    epochs, sets, n, lanes = places.shape
    width = rows.shape[2]
    errors = np.empty(size, dtype=rows.dtype)
    found = np.empty(size, dtype=np.intp)
    for s in range(sets):
        for lane in range(lanes):
            r = replicas[s, lane]
            if r < 0:
                continue
            own = r * width
            for epoch in range(epochs):
                for start in range(0, n, size):
                    count = min(size, n - start)
                    share = rows.dtype.type(1) / rows.dtype.type(count)
                    for at in range(count):
                        x = (r * n + np.intp(places[epoch, s, start + at, lane])) * width
                        found[at] = x
                        errors[at] = share * _product(rows, x, weights, own, width)
                    for j in range(0, width, LANES):
                        g = every(rows.dtype.type(0), LANES)
                        for at in range(count):
                            g = g + load(rows, found[at] + j, LANES) * every(errors[at], LANES)
                        w = _stepped(load(weights, own + j, LANES), g, shrink, rates, j)
                        store(weights, own + j, w)


@numba.njit
def _product(rows: Any, x: Any, weights: Any, own: Any, width: Any) -> Any:
    """Return the product of a row, which starts at x, and the weights, which start at own."""
    total = every(rows.dtype.type(0), LANES)
    for j in range(0, width, LANES):
        total = total + load(rows, x + j, LANES) * load(weights, own + j, LANES)
    return first(_summed(total))


@numba.njit(cache=True, error_model="numpy")
def mean_losses(planes: Any, n: Any, weights: Any, scale: Any) -> Any:
    """Return scale times the mean squared error of every replica.

    `planes` is (R, columns, places), a column after another; places beyond n are all 0.
    """
    R, columns, places = planes.shape
    losses = np.empty(R, dtype=planes.dtype)
    for r in range(R):
        total = every(planes.dtype.type(0), WIDE)
        for i in range(0, places, WIDE):
            error = every(planes.dtype.type(0), WIDE)
            for j in range(columns):
                x = load(planes, (r * columns + j) * places + i, WIDE)
                error = error + x * every(weights[r, j], WIDE)
            total = total + error * error
        losses[r] = scale / planes.dtype.type(n) * first(_summed(_low(total) + _upper(total)))
    return losses


_low, _upper = picking(range(LANES)), picking(range(LANES, WIDE))
