"""Objects of frameworks that are given as they are: the cure, and those that need none."""

import functools
from typing import Any

import pytest
import torch

from claims.dropout.faults.layer import forgets_to_rescale
from harness.adapters.adapter import adapter
from harness.declaration.roles import ROLES
from harness.implementation.named import ImplementationError, load, of_objects, parse
from harness.implementation.unadapted import adapter_for


class Steps(torch.optim.SGD):
    """A user's optimiser."""


class Layer(torch.nn.Module):
    """A user's module that has the role's protocol."""

    def forward(self, h: Any, p: float, generator: torch.Generator, training: bool = True) -> Any:
        return forgets_to_rescale(h, p, generator, training)  # type: ignore[no-untyped-call]


def said(role: str, thing: Any) -> str | None:
    return adapter_for(role, thing, load(role, ROLES[role]))


@pytest.mark.parametrize(
    ("role", "thing", "says"),
    [
        ("dropout", torch.nn.Dropout, "adapter('dropout', Dropout)"),
        ("dropout", torch.nn.Dropout(0.5), "adapter('dropout', Dropout)"),
        ("dropout", torch.nn.functional.dropout, "adapter('dropout', dropout)"),
        ("sgd", torch.optim.SGD, "adapter('sgd', SGD)"),
        ("sgd", Steps, "adapter('sgd', Steps)"),
        (
            "sgd",
            functools.partial(torch.optim.SGD, foreach=True),
            "adapter('sgd', partial(SGD, ...))",
        ),
        ("xavier_uniform", torch.nn.init.xavier_uniform_, "adapter('xavier_uniform', xavier_un"),
        ("relu", torch.nn.ReLU, "adapter('relu', ReLU)"),
    ],
)
def test_a_framework_s_own_object_gets_the_cure(role: str, thing: Any, says: str) -> None:
    assert f"{role} = chapter_and_verse.{says}" in str(said(role, thing))


@pytest.mark.parametrize(
    ("role", "thing"),
    [
        ("relu", torch.relu),
        ("relu", torch.nn.functional.relu),
        ("relu", torch.nn.ReLU()),
        ("tanh", torch.tanh),
        ("dropout", forgets_to_rescale),
        ("dropout", Layer()),
        ("dropout", adapter("dropout", torch.nn.Dropout)),
        ("permutation", torch.randperm),
        ("l2_penalty", torch.nn.functional.mse_loss),  # no adapter has that role
    ],
)
def test_what_may_fill_the_role_is_left_alone(role: str, thing: Any) -> None:
    assert said(role, thing) is None


def test_objects_of_jax_are_known_for_what_they_are() -> None:
    jax = pytest.importorskip("jax")

    assert "adapter('relu', relu, arrays='jax')" in str(said("relu", jax.nn.relu))


@pytest.mark.parametrize("given", [torch.nn.Dropout, "torch.nn:Dropout"])
def test_it_is_told_at_the_door(given: Any) -> None:
    own = r"is a framework.s own, or made of one that is,.*adapter\('dropout'"
    with pytest.raises(ImplementationError, match=own):
        of_objects({"dropout": given})
    with pytest.raises(ImplementationError, match=r"make them fit with"):
        parse(("dropout=torch.nn:Dropout",))
