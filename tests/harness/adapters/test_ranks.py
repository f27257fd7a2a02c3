"""What one rank does is run by all of them at once, with gloo between them."""

from typing import Any

import pytest
import torch
from torch import Tensor, distributed

from harness.adapters.adapter import adapter


def summed(gradients: list[Tensor], count: int, group: Any) -> list[Tensor]:
    for g in gradients:
        distributed.all_reduce(g, group=group)
    return [g + 10 * group.rank() for g in gradients]


def fails_at_the_second(gradients: list[Tensor], count: int, group: Any) -> list[Tensor]:
    if count == 2:
        raise ValueError("no room")
    return gradients


@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_ranks_add_up_and_each_answers_for_itself(ranks: int) -> None:
    given = [[torch.full((2,), float(rank))] for rank in range(ranks)]

    found = adapter("data_parallel_step", summed)(given, [1] * ranks)

    total = sum(range(ranks))
    assert [rank[0].tolist() for rank in found] == [[total + 10 * r] * 2 for r in range(ranks)]
    assert [rank[0].tolist() for rank in given] == [[float(r)] * 2 for r in range(ranks)]


def test_a_rank_that_fails_is_told_and_leaves_no_group_behind() -> None:
    given = [[torch.ones(2)], [torch.ones(2)]]

    with pytest.raises(ValueError, match="no room"):
        adapter("data_parallel_step", fails_at_the_second)(given, [1, 2])

    found = adapter("data_parallel_step", summed)(given, [1, 2])
    assert found[0][0].tolist() == [2.0, 2.0]
