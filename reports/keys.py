"""What a record is known by, readable: 'do-unbiased [cpu, ci]', and what its claim says."""

import hashlib
import json

from harness.records.record import Record


def key_of(record: Record) -> str:
    """What a verdict depends on and no more: claim, device, profile, implementation."""
    return f"{record.claim} [{group_of(record)}]"


def group_of(record: Record) -> str:
    """What a run's records have in common: device, profile and what replaced the reference."""
    shown = [f"{role}={target}" for role, target in sorted(record.implementation.items())]
    return ", ".join([record.device, record.profile, *shown])


def split_key(key: str) -> tuple[str, str]:
    """Claim and group of a key."""
    claim, _, group = key.partition(" [")
    return claim, group.removesuffix("]")


def meaning_of(sentence: str, relation: str, formula: str | None) -> str:
    """A short name for what a claim says: another sentence or relation has another one."""
    said = json.dumps([sentence, relation, formula])
    return hashlib.sha256(said.encode()).hexdigest()[:8]
