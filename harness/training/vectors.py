"""Vectors of fixed width for the loops that Numba compiles.

LLVM keeps a vector in one register where the processor has them that wide, and in several
elsewhere; the numbers are the same. Loads and stores take the place of a vector's first number in
the flat array, and check nothing.
"""

import operator
from collections.abc import Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, overload, register_model

_INDEX = ir.IntType(32)


class Vector(types.Type):
    """`lanes` numbers of one Numba type."""

    def __init__(self, number: Any, lanes: int) -> None:
        self.number = number
        self.lanes = lanes
        super().__init__(name=f"Vector({number}, {lanes})")


@register_model(Vector)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, vector: Any) -> None:
        number = manager.lookup(vector.number).get_data_type()
        super().__init__(manager, vector, ir.VectorType(number, vector.lanes))


@intrinsic(prefer_literal=True)
def load(typing: Any, array: Any, place: Any, lanes: Any) -> Any:
    """Return the `lanes` (a constant) numbers of the array from a place on."""
    vector = Vector(array.dtype, lanes.literal_value)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, array, values, vector)
        return builder.load(pointer, align=vector.number.bitwidth // 8)

    return vector(array, types.intp, lanes), generate


@intrinsic
def store(typing: Any, array: Any, place: Any, vector: Any) -> Any:
    """Put a vector into the array from a place on."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, array, values, vector)
        builder.store(values[2], pointer, align=vector.number.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


def _pointer(context: Any, builder: Any, array: Any, values: Any, vector: Any) -> Any:
    """Return the pointer to the vector that starts at a place of the array."""
    data = context.make_array(array)(context, builder, values[0]).data
    return builder.bitcast(
        builder.gep(data, [values[1]]), context.get_value_type(vector).as_pointer()
    )


@intrinsic(prefer_literal=True)
def every(typing: Any, number: Any, lanes: Any) -> Any:
    """Return a vector that has one number in all its `lanes` (a constant)."""
    vector = Vector(types.unliteral(number), lanes.literal_value)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        value = context.cast(builder, values[0], number, vector.number)
        empty = ir.Constant(context.get_value_type(vector), ir.Undefined)
        first = builder.insert_element(empty, value, _INDEX(0))
        return _shuffled(builder, first, [0] * vector.lanes)

    return vector(number, lanes), generate


@intrinsic
def narrowed(typing: Any, vector: Any, number: Any) -> Any:
    """Return the low bits of every lane, as numbers of a narrower integer type."""
    narrow = Vector(number.dtype, vector.lanes)

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.trunc(values[0], context.get_value_type(narrow))

    return narrow(vector, number), generate


@intrinsic
def first(typing: Any, vector: Any) -> Any:
    """Return the number in the first lane."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.extract_element(values[0], _INDEX(0))

    return vector.number(vector), generate


def picking(places: Sequence[int]) -> Any:
    """Return a function of a vector that returns the vector of these lanes of it."""

    @intrinsic
    def pick(typing: Any, vector: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return _shuffled(builder, values[0], places)

        return Vector(vector.number, len(places))(vector), generate

    return pick


def mixing(places: Sequence[int]) -> Any:
    """Return a function of two vectors: of these lanes of both, the second's after the first's."""

    @intrinsic
    def mix(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            mask = ir.Constant(ir.VectorType(_INDEX, len(places)), list(places))
            return builder.shuffle_vector(*values, mask)

        return Vector(a.number, len(places))(a, b), generate

    return mix


@intrinsic
def not_negative(typing: Any, vector: Any) -> Any:
    """Return the vector with 0 for what is negative; what is no number stays none."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        zero = ir.Constant(values[0].type, [0.0] * vector.lanes)
        return builder.select(builder.fcmp_ordered("<", values[0], zero), zero, values[0])

    return vector(vector), generate


def _shuffled(builder: Any, vector: Any, places: Sequence[int]) -> Any:
    mask = ir.Constant(ir.VectorType(_INDEX, len(places)), list(places))
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), mask)


def _selecting(sign: str) -> Any:
    """Return a function of two unsigned vectors: lane by lane the one that compares so."""

    @intrinsic
    def select(typing: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return builder.select(builder.icmp_unsigned(sign, *values), *values)

        return a(a, b), generate

    return select


smaller = _selecting("<")
larger = _selecting(">")


def _joined_by(sign: Any, integer: str, floating: str | None = None) -> None:
    """Let an operator of Python join two vectors of one type, lane by lane."""

    @intrinsic
    def operation(typing: Any, a: Any, b: Any) -> Any:
        real = isinstance(a.number, types.Float)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            # A product may be fused with the sum that takes it.
            method = getattr(builder, str(floating if real else integer))
            return method(*values, flags=["contract"] if real else ())

        return a(a, b), generate

    @overload(sign)
    def join(a: Any, b: Any) -> Any:
        if not (isinstance(a, Vector) and a == b):
            return None

        def joined(a: Any, b: Any) -> Any:
            return operation(a, b)

        return joined


for _sign, _integer, _floating in (
    (operator.add, "add", "fadd"),
    (operator.sub, "sub", "fsub"),
    (operator.mul, "mul", "fmul"),
    (operator.and_, "and_", None),
    (operator.or_, "or_", None),
    (operator.xor, "xor", None),
    (operator.lshift, "shl", None),
    (operator.rshift, "lshr", None),
):
    _joined_by(_sign, _integer, _floating)
