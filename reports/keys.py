"""What a record is known by, readable: 'do-unbiased [cpu, ci]', and what its claim says."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def key_of(record: Mapping[str, Any]) -> str:
    """What a verdict depends on and no more: claim, device, profile, implementation."""
    return f"{record['claim']} [{group_of(record)}]"


def group_of(record: Mapping[str, Any]) -> str:
    """What a run's records have in common: device, profile and what replaced the reference."""
    replaced = record.get("implementation") or {}
    shown = [f"{role}={target}" for role, target in sorted(replaced.items())]
    return ", ".join([record["device"], record.get("profile") or "ci", *shown])


def split_key(key: str) -> tuple[str, str]:
    """Claim and group of a key."""
    claim, _, group = key.partition(" [")
    return claim, group.removesuffix("]")


def meaning_of(record: Mapping[str, Any]) -> str:
    """A short name for what the claim says: another sentence or relation has another one."""
    relation = record.get("relation") or {}
    said = [(record.get("sentence") or {}).get("en"), relation.get("en"), record.get("formula")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:8]
