"""What is asked of a worker, one block at a time, and what comes back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from harness.blocks.capabilities import Capability
from harness.blocks.streams import Stream
from harness.declaration.claim import Claim
from harness.declaration.exhibits import Exhibit
from harness.implementation.named import Implementation
from harness.statistics.evidence import Evidence, Summary

ORIGIN = uuid.uuid4().hex  # of this process: a task from elsewhere was sent to a worker

Filter = tuple[str, str, type[Warning], str, int]  # action, message, category, module, line


@dataclass(frozen=True)
class Task:
    """Everything that a worker needs to measure one block: plain data, importable names."""

    module: str
    name: str
    setting: Mapping[str, Any]
    salt: str
    device: str
    index: int
    replaced: Mapping[str, str]
    images: str
    limit: float
    objects: Mapping[str, Any] = field(default_factory=dict)
    filters: tuple[Filter, ...] = ()
    origin: str = ORIGIN
    sweep: Sweeping | None = None
    folder: str = ""  # of the run's experiments
    capability: Capability | None = None


@dataclass(frozen=True)
class Sweeping:
    """A block of instances, each at a drawn setting and from a generator state of its own.

    An instance fails from `level` nats of evidence against it on: few enough would be rejected by
    chance that all of them together err at the rate that was granted.
    """

    instances: int
    level: float


@dataclass(frozen=True)
class Failed:
    """The first instance that failed, or raised: its setting, and what was seen there."""

    setting: Mapping[str, Any]
    evidence: Evidence | None
    error: BaseException | None = None


@dataclass(frozen=True)
class Block:
    """What came back: the test's summary, the digest of the raw observation, the exhibits.

    Of a sweep the summary is [instances that applied, instances that did not]. `calls` has how
    often each role's object on trial was called.
    """

    index: int
    summary: Summary
    digest: bytes
    exhibits: tuple[Exhibit, ...]
    seconds: float
    failed: Failed | None = None
    calls: Mapping[str, int] = field(default_factory=dict)


def arguments_of(
    claim: Claim, task: Task, setting: Mapping[str, Any], replicates: int, stream: Stream
) -> dict[str, Any]:
    """What is injected into the claim's function, by name."""
    implementation = Implementation(task.replaced, task.objects)
    arguments: dict[str, Any] = dict(setting)
    for role in claim.roles:
        arguments[role] = implementation.primitive(role)
    needs = set(claim.needs)
    if "replicates" in needs:
        arguments["replicates"] = replicates
    if "device" in needs:
        arguments["device"] = task.device
    if "stream" in needs:
        arguments["stream"] = stream
    if "images" in needs:
        arguments["images"] = _images(task.images)
    return arguments


@lru_cache(maxsize=2)
def _images(source: str) -> Any:
    from harness.data.fashion_mnist import load_images

    match source:
        case "slice" | "full":
            return load_images(source)
        case folder:
            return load_images(Path(folder))


def plain(observation: Any) -> Any:
    """The observation with torch tensors turned into arrays, through mappings and tuples."""
    if isinstance(observation, Mapping):
        return {name: plain(value) for name, value in observation.items()}
    if isinstance(observation, tuple):
        return tuple(plain(value) for value in observation)
    if hasattr(observation, "detach"):
        tensor = observation.detach().to("cpu")
        return (tensor.double() if tensor.dtype.is_floating_point else tensor).numpy()
    return observation
