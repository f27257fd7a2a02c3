"""An object of somebody's own that has a planted fault is told which one; a near one is not."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from harness.records.likely import likely_causes, signatures
from harness.run.api import check_implementation
from studies.signatures import faults


def causes_of(role: str, target: Callable[..., Any]) -> list[str]:
    """The faults that the object looks like, judged by the claims of the table."""
    known = {
        claim for fault, s in signatures().items() if fault.startswith(f"{role}=") for claim in s
    }
    judged: dict[str, Any] = {role: target}
    records = check_implementation(claims=known, salt="a third one", **judged)
    return [cause.name for cause in likely_causes(records)]


def sgd_without_decay(
    params: Any, grads: Any, lr: Any, weight_decay: Any = 0.0, **options: Any
) -> Any:
    return [w.sub(g, alpha=lr) for w, g in zip(params, grads, strict=True)]


def sgd_with_half_the_decay(
    params: Any, grads: Any, lr: Any, weight_decay: Any = 0.0, **options: Any
) -> Any:
    flags = options.get("decays") or [True] * len(params)
    return [
        w - lr * (g + (0.5 * weight_decay if flag else 0.0) * w)
        for w, g, flag in zip(params, grads, flags, strict=True)
    ]


def penalty_without_the_half(w: Any) -> Any:
    return torch.einsum("ri,ri->r", w.flatten(1), w.flatten(1))


def penalty_with_a_third(w: Any) -> Any:
    return w.square().flatten(1).sum(1) / 3


def scaled_by_two(x: Any) -> Any:
    return torch.tanh(x / 2)


def relu_of_five(x: Any) -> Any:
    return torch.nn.functional.hardtanh(x, 0.0, 5.0)


def tanh_of_half(x: Any) -> Any:
    return 2 * torch.sigmoid(x) - 1


def tanh_of_a_third(x: Any) -> Any:
    return torch.tanh(x / 3)


def uniform_too_wide(
    fan_in: Any, fan_out: Any, generator: Any, replicates: Any = 1, **kind: Any
) -> Any:
    drawn = torch.empty(replicates, fan_out, fan_in, **kind)
    bound = 1.3 * (6.0 / (fan_in + fan_out)) ** 0.5
    return drawn.uniform_(-bound, bound, generator=generator)


def dropped_and_not_rescaled(h: Any, p: Any, generator: Any, training: Any = True) -> Any:
    if not training or p == 0:
        return h
    kept = torch.rand(h.shape, generator=generator, device=h.device, dtype=torch.float64) >= p
    return h * kept.to(h.dtype)


def dropped_and_half_rescaled(h: Any, p: Any, generator: Any, training: Any = True) -> Any:
    if not training or p == 0:
        return h
    kept = torch.rand(h.shape, generator=generator, device=h.device, dtype=torch.float64) >= p
    return h * kept.to(h.dtype) * (1 + p / 2)


@pytest.mark.parametrize(
    ("role", "target", "named"),
    [
        ("sgd", sgd_without_decay, "ignores the decay"),
        ("l2_penalty", penalty_without_the_half, "forgets the half"),
        ("scaled_sigmoid", scaled_by_two, "scales by two"),
        ("tanh", tanh_of_half, "halves the argument"),
        ("dropout", dropped_and_not_rescaled, "forgets to rescale"),
    ],
)
def test_a_fault_is_named_in_code_that_shares_no_line_with_it(
    role: str, target: Callable[..., Any], named: str
) -> None:
    assert causes_of(role, target) == [named]


@pytest.mark.parametrize(
    ("role", "target"),
    [
        ("sgd", sgd_with_half_the_decay),
        ("l2_penalty", penalty_with_a_third),
        ("relu", relu_of_five),
        ("tanh", tanh_of_a_third),
        ("dropout", dropped_and_half_rescaled),
        ("xavier_uniform", uniform_too_wide),
    ],
)
def test_what_fails_like_a_fault_by_another_amount_is_not_named(
    role: str, target: Callable[..., Any]
) -> None:
    assert causes_of(role, target) == []


def test_the_table_is_of_planted_faults_and_has_most_of_those_of_its_roles() -> None:
    planted, table = set(faults()), signatures()
    roles = {fault.partition("=")[0] for fault in table}
    own = {fault for fault in planted if fault.partition("=")[0] in roles}

    assert table.keys() <= planted, "run `python -m studies.signatures`"
    assert len(table) > 0.8 * len(own), "run `python -m studies.signatures`"
