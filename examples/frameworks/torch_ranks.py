"""Gradients over ranks as people combine them: with torch.distributed, and for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, distributed

from harness.adapters.adapter import adapter


def _wide(g: Tensor) -> Tensor:
    """At least float32, and row by row: an all-reduce adds up memory as it lies."""
    return g.to(torch.promote_types(g.dtype, torch.float32)).contiguous()


def _all_reduce(gradients: list[Tensor], count: int, group: Any) -> list[Tensor]:
    """Sums over tokens and their number are reduced, and divided afterwards."""
    tokens = torch.tensor(count, dtype=torch.float64)
    distributed.all_reduce(tokens, group=group)
    found = []
    for g in gradients:
        total = _wide(g) * count
        distributed.all_reduce(total, group=group)
        found.append((total / tokens.item()).to(g.dtype))
    return found


def _scaled_loss(gradients: list[Tensor], count: int, group: Any) -> list[Tensor]:
    """The loss is multiplied by the ranks' share of tokens before the mean over ranks."""
    tokens = torch.tensor([count])
    distributed.all_reduce(tokens, group=group)
    scale = group.size() * count / int(tokens)
    found = []
    for g in gradients:
        mean = _wide(g) * scale / group.size()
        distributed.all_reduce(mean, group=group)
        found.append(mean.to(g.dtype))
    return found


def _one_bucket(gradients: list[Tensor], count: int, group: Any) -> list[Tensor]:
    """All gradients in one flat bucket, behind their count."""
    bucket = torch.cat([_wide(torch.tensor([1.0])), *(_wide(g).reshape(-1) for g in gradients)])
    bucket *= count
    distributed.all_reduce(bucket, group=group)
    parts = torch.split(bucket[1:] / bucket[0], [g.numel() for g in gradients])
    return [part.view(g.shape).to(g.dtype) for part, g in zip(parts, gradients, strict=True)]


all_reduced = adapter("data_parallel_step", _all_reduce, least_share=0.5)
scaled_loss = adapter("data_parallel_step", _scaled_loss, least_share=0.5)
one_bucket = adapter("data_parallel_step", _one_bucket, least_share=0.5)


def stacked(gradients: Sequence[Sequence[Tensor]], counts: Sequence[int]) -> list[list[Tensor]]:
    """A simulation in one process: stack, and multiply by the shares in double precision."""
    shares = torch.tensor(counts, dtype=torch.float64) / sum(counts)
    found = [
        torch.tensordot(shares, torch.stack(list(parts)).double(), dims=1).to(parts[0].dtype)
        for parts in zip(*gradients, strict=True)
    ]
    return [[g.clone() for g in found] for _ in counts]
