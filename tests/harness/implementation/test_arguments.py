"""A call in a role's terms, as functions of other signatures and dtypes take it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from harness.adapters.adapter import adapter
from harness.declaration.not_applicable import NotApplicableError
from harness.implementation.arguments import fitting
from harness.implementation.named import ImplementationError, of_objects
from harness.primitives.dropout import dropout
from harness.primitives.initialization import xavier_uniform
from harness.primitives.optimizers import adam, adamw

W, G = [torch.zeros(2)], [torch.ones(2)]


def taken(function: Callable[..., Any], reference: Any, *given: Any, **options: Any) -> Any:
    """The positional arguments and the options that reach the function."""
    return fitting("role", function, "mine:role", reference)(given, options)


def knows_no_decay(params: Any, grads: Any, state: Any, lr: Any, betas: Any = (0.9, 0.999)) -> Any:
    return params, state


@pytest.mark.parametrize("options", [
    {}, {"weight_decay": 0.0}, {"weight_decay": 0.0, "decays": [True], "decoupled": True},
    {"decays": [False]},
])  # fmt: skip
def test_what_says_how_to_decay_has_no_effect_without_decay(options: dict[str, Any]) -> None:
    assert taken(knows_no_decay, adam, W, G, None, 0.1, **options) == ((W, G, None, 0.1), {})


def test_a_function_that_takes_any_option_gets_by_name_what_has_no_place_in_it() -> None:
    def takes_any(params: Any, grads: Any, state: Any, lr: Any, **options: Any) -> None:
        raise AssertionError

    given = taken(takes_any, adam, W, G, None, 0.1, (0.9, 0.99), decays=[True])
    assert given == ((W, G, None, 0.1), {"betas": (0.9, 0.99), "decays": [True]})


def test_a_decay_in_its_place_counts_as_one() -> None:
    def lists_no_flags(p: Any, g: Any, s: Any, lr: Any, b: Any, e: Any, weight_decay: Any) -> None:
        raise AssertionError

    arguments = (W, G, None, 0.1, (0.9, 0.999), 1e-8, 0.3)

    with pytest.raises(NotApplicableError, match="takes no argument 'decays'"):
        taken(lists_no_flags, adam, *arguments, decays=[True])


@pytest.mark.parametrize(
    "options", [{"weight_decay": 0.3}, {"weight_decay": 0.3, "decays": [True], "decoupled": True}]
)
def test_a_decay_that_is_not_taken_is_not_applicable(options: dict[str, Any]) -> None:
    with pytest.raises(NotApplicableError, match="mine:role as 'role' takes no argument 'weight_d"):
        taken(knows_no_decay, adam, W, G, None, 0.1, **options)


def test_an_optimizer_without_decay_is_one_that_decays_nothing_whatever_the_default() -> None:
    assert taken(knows_no_decay, adamw, W, G, None, 0.1, weight_decay=0.0)[1] == {}
    with pytest.raises(NotApplicableError, match="takes no argument 'weight_decay'"):
        taken(knows_no_decay, adamw, W, G, None, 0.1, weight_decay=0.01)


def test_positional_arguments_reach_a_function_of_any_number() -> None:
    def rest(*everything: Any) -> None:
        raise AssertionError

    given = (W, 0.5, None, False)

    assert taken(rest, dropout, *given) == (given, {})


def test_what_can_only_be_named_is_named() -> None:
    def named(h: Any, p: Any, *, generator: Any, training: bool = True) -> None:
        raise AssertionError

    assert taken(named, dropout, W, 0.5, None, False) == (
        (W, 0.5),
        {"generator": None, "training": False},
    )


# A declared dtype


def single(h: Any, p: float, generator: Any, training: bool = True) -> Any:
    return h


single.dtypes = ("float32",)  # type: ignore[attr-defined]


@pytest.mark.parametrize(("given", "name"), [
    ([torch.zeros(2, dtype=torch.float64)], "float64"),
    ({"h": (torch.zeros(2), torch.zeros(2, dtype=torch.bfloat16))}, "bfloat16"),
    (np.zeros(2), "float64"),
])  # fmt: skip
def test_an_array_of_another_dtype_is_not_applicable(given: Any, name: str) -> None:
    with pytest.raises(NotApplicableError, match=f"declared for float32 alone, not {name}"):
        taken(single, dropout, given, 0.5, None)


def test_a_dtype_that_is_asked_for_by_name_counts_too() -> None:
    def draws(fan_in: int, fan_out: int, generator: Any, replicates: int, dtype: Any) -> None:
        raise AssertionError

    draws.dtypes = ("float32",)  # type: ignore[attr-defined]

    assert taken(draws, xavier_uniform, 2, 3, None, 1, torch.float32)
    with pytest.raises(NotApplicableError, match="not float64"):
        taken(draws, xavier_uniform, 2, 3, None, 1, dtype=torch.float64)


def test_arrays_of_the_declared_dtype_and_integers_are_taken() -> None:
    given = (torch.zeros(2), 0.5, torch.arange(3))
    assert taken(single, dropout, *given) == (given, {})


@pytest.mark.parametrize(("name", "value", "cure"), [
    *(("dtypes", value, r"such as \('float32',\)") for value in ("float32", (), ("single",), 3)),
    *(("least_share", value, "give a number from 0") for value in (1.0, -0.1, "half", None)),
])  # fmt: skip
def test_what_an_object_declares_is_checked_at_the_door(name: str, value: Any, cure: str) -> None:
    def mine(h: Any, p: float, generator: Any, training: bool = True) -> Any:
        return h

    setattr(mine, name, value)

    with pytest.raises(ImplementationError, match=f"'dropout': .*{cure}"):
        of_objects({"dropout": mine})


def test_an_adapter_declares_dtypes() -> None:
    made: Any = adapter("dropout", torch.nn.Dropout, dtypes=["float32"])

    assert made.dtypes == ("float32",)
    with pytest.raises(ValueError, match="dtypes='half' does not name dtypes"):
        adapter("dropout", torch.nn.Dropout, dtypes="half")


# A declared share


def costly(h: Any, p: float, generator: Any, training: bool = True) -> Any:
    return h


costly.least_share = 0.5  # type: ignore[attr-defined]


def test_a_share_is_of_the_claims_that_take_the_object() -> None:
    implementation = of_objects({"dropout": costly, "sgd": lambda params, grads, lr: params})

    assert implementation.least_share(("relu", "dropout")) == 0.5
    assert implementation.least_share(("relu", "sgd")) == implementation.least_share(()) == 0.0


def test_an_adapter_declares_a_share() -> None:
    made: Any = adapter("dropout", torch.nn.Dropout, least_share=0.2)

    assert made.least_share == 0.2
    assert adapter("dropout", torch.nn.Dropout).least_share == 0.0  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="least_share=2 is no part of all settings"):
        adapter("dropout", torch.nn.Dropout, least_share=2)
