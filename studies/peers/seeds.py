"""Generators of the forms, derived from names as everywhere in the suite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.blocks.streams import Stream

if TYPE_CHECKING:
    import torch


def generator(*names: str | int) -> torch.Generator:
    """Return a fresh torch generator; equal names give equal draws."""
    return Stream(b"peers").child(*names).torch()
