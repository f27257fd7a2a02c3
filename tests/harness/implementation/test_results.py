"""What a role does not return is told in one sentence: what came, and what would be right."""

from typing import Any

import pytest
import torch

from harness.implementation.results import CHECKS

X = torch.ones(3, 2)
GAIN = torch.ones(2)
LOGITS = torch.zeros(1, 2, 3, requires_grad=True)
W = [X.bfloat16()]

WRONG: list[tuple[str, Any, tuple[Any, ...], str]] = [
    ("attention", None, (X,), "returned shape nothing (a NoneType) for an input of shape (3, 2); "
     "return the input's shape"),
    ("rms_norm", X.double(), (X, GAIN, 1e-5), "returned dtype torch.float64 for an input of dtype "
     "torch.float32; return the input's dtype"),
    ("batch_norm", X, (X, GAIN, GAIN, None, 1e-5), "returned a Tensor; return (y, (running mean, "
     "running variance))"),
    ("train_step", None, (), "returned nothing; return the loss before the step, a number"),
    ("lr_schedule", [0.1, 0.2], (3,), "returned a list; return the rate of the step, a number"),
    ("token_loss", 0.5, (LOGITS,), "returned a float; return the loss as a tensor of shape ()"),
    ("token_loss", X, (LOGITS,), "returned a Tensor of shape (3, 2); return the loss as a tensor "
     "of shape ()"),
    ("token_loss", X.sum(), (LOGITS,), "returned a loss that autograd cannot follow; return it "
     "without detach() or item()"),
    ("decay_groups", [X], (None, 0.1), "returned a list of something else than groups; return a "
     'list of {"params": [...], "weight_decay": rate}'),
    ("sixteen_bit_sgd", W, (W, W, None, 0.1), "returned a list; return (parameters, state), as "
     "many parameters as given"),
    ("sixteen_bit_sgd", ([X], None), (W, W, None, 0.1), "returned dtype torch.float32 for an input "
     "of dtype torch.bfloat16; return the input's dtype"),
    ("data_parallel_step", [[X], []], ([[X], [X]], [1, 2]), "returned a list; return for every "
     "rank a list of as many tensors as given"),
    ("data_parallel_step", [X, X], ([[X], [X]], [1, 2]), "returned a list; return for every rank a "
     "list of as many tensors as given"),
    ("data_parallel_step", [[X.double()]], ([[X]], [1]), "returned dtype torch.float64 for an "
     "input of dtype torch.float32; return the input's dtype"),
    ("module_init", X, (None, 2), "returned a Tensor; initialise the net that is given, in place"),
    ("average_weights", [X], ([X], None), "returned a list; return (averages, state), averages of "
     "the weights' shapes"),
    ("average_weights", ([GAIN], 1), ([X], None), "returned a tuple; return (averages, state), "
     "averages of the weights' shapes"),
    ("distributed_sampler", X, (6, 0, 2, 0), "returned a Tensor; return the indices of the "
     "examples, whole numbers"),
    ("distributed_sampler", iter([1]), (6, 0, 2, 0), "returned a list_iterator; return the indices "
     "of the examples, whole numbers"),
    ("he_kernel", torch.ones(1, 4, 2, 3), ("transposed", 4, 2, [3], 2), "returned shape "
     "(1, 4, 2, 3) for the kind 'transposed'; return (replicates, ...) = (1, 4, 1, 3)"),
    ("xavier_kernel", torch.ones(5, 4), ("packed", 4, 2, [3], 1, None, 2), "returned shape (5, 4) "
     "for the kind 'packed'; return (replicates, ...) = (2, 6, 4)"),
    ("trainer", None, (), "returned nothing; return the loss of every step, a list of numbers"),
    ("trainer", 0.5, (), "returned a float; return the loss of every step, a list of numbers"),
]  # fmt: skip

RIGHT: list[tuple[str, Any, tuple[Any, ...]]] = [
    ("batch_norm", (X, (GAIN, GAIN)), (X, GAIN, GAIN, None, 1e-5)),
    ("he_kernel", torch.ones(1, 4, 1, 3), ("convolution", 2, 4, [3], 2)),
    ("xavier_kernel", torch.ones(2, 5, 6, 3), ("heads", 5, 3, [6], 1, None, 2)),
    ("train_step", torch.tensor(0.5), ()),
    ("token_loss", LOGITS.sum(), (LOGITS,)),
    ("decay_groups", [{"params": [X], "weight_decay": 0.0}], (None, 0.1)),
    ("sixteen_bit_sgd", (W, None), (W, W, None, 0.1)),
    ("average_weights", ([X.double()], None), ([X], None)),
    ("distributed_sampler", torch.arange(3), (6, 0, 2, 0)),
    ("distributed_sampler", [], (1, 0, 2, 0)),
    ("trainer", torch.ones(2), ()),
    ("data_parallel_step", ([X], [X]), ([[X], [X]], [1, 2])),
    ("module_init", None, (None, 2)),
    ("module_init", X, (X, 2)),
]


@pytest.mark.parametrize(("role", "result", "arguments", "says"), WRONG)
def test_what_is_not_the_roles_is_told(
    role: str, result: Any, arguments: tuple[Any, ...], says: str
) -> None:
    assert CHECKS[role](result, *arguments) == says


@pytest.mark.parametrize(("role", "result", "arguments"), RIGHT)
def test_what_is_the_roles_passes(role: str, result: Any, arguments: tuple[Any, ...]) -> None:
    assert CHECKS[role](result, *arguments) is None
