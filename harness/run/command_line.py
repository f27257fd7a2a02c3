"""The command line's options: every one has the one prefix, and names its default and unit."""

from collections.abc import Mapping
from typing import Any

from harness.declaration.profiles import PROFILES

ONE: Mapping[str, Any] = {"action": "store"}
MANY: Mapping[str, Any] = {"action": "append", "default": []}
FLAG: Mapping[str, Any] = {"action": "store_true"}

# Name, what it takes, how often (and its default), help.
OPTIONS: tuple[tuple[str, str | None, Mapping[str, Any], str], ...] = (
    (
        "profile",
        "NAME",
        ONE,
        f"how many settings are drawn: {', '.join(PROFILES)} (default: ci), at the same rates; "
        "quick is for an implementation of your own, and trains nothing with it",
    ),
    (
        "salt",
        "TEXT",
        ONE,
        "text from which every random stream is derived (default: a digest of the claims' own "
        "texts, so that a claim that is changed is judged on fresh samples)",
    ),
    (
        "device",
        "NAME",
        {"action": "append"},
        "cpu, any accelerator that torch knows by that name (cuda, cuda:1, mps, xpu, npu, ...), or "
        "all; repeatable (default: cpu and every GPU of CUDA or ROCm)",
    ),
    (
        "capabilities",
        "FILE",
        ONE,
        "TOML file with entries [[device]] (name, no_dtypes, no_operations, no_roles, generator, "
        "replays): what a device cannot do, so that what needs it is not applicable",
    ),
    (
        "implementation",
        "ROLE=MODULE:ATTR",
        MANY,
        "put your own primitive on trial instead of the reference; repeatable; also a TOML file "
        "with a table [implementation], or the name of an entry point of the group "
        "chapter_and_verse.implementations. Only claims about these roles are then examined",
    ),
    (
        "implementation-file",
        "FILE",
        {"action": "append", "dest": "claims_implementation"},
        "the same as --claims-implementation=FILE.toml",
    ),
    (
        "all",
        None,
        FLAG,
        "with an implementation of your own: examine the claims about other roles too; in the "
        "profile dev: the costly ones too",
    ),
    (
        "known-failures",
        "FILE",
        MANY,
        "TOML file with entries [[known_failure]] (id, role, reason, expiry); one that matches "
        "nothing, has expired or no longer fails is an error",
    ),
    (
        "data",
        "DIR",
        ONE,
        "folder of the four Fashion-MNIST IDX files, or 'full' or 'slice' (default: the embedded "
        "slice; the full set in the profile deep, where it is found)",
    ),
    (
        "output",
        "DIR",
        {**ONE, "default": "out"},
        "folder for records.jsonl and the report (default: out)",
    ),
    (
        "only",
        "ID",
        MANY,
        "examine only the claim with this id (or catalogue row); repeatable, or ID,ID,...",
    ),
    (
        "continue",
        None,
        FLAG,
        "go on from the records in the output folder: keep what is finished, add replicates to "
        "what is undecided, examine anew what was computed from something that changed",
    ),
    (
        "executor",
        "WHERE",
        ONE,
        "where blocks are measured: serial, processes:N, dask://HOST:PORT or mpi (default: a "
        "process per core, one thread each; serial in each worker of pytest-xdist and for a run "
        "of a few seconds). Verdicts, counts and digests are the same under all",
    ),
    (
        "block-limit",
        "SECONDS",
        {**ONE, "type": float, "default": 120.0},
        "seconds after which a block of replicates counts as hanging (default: 120); one that is "
        "declared to take more than 6 seconds has as many times longer",
    ),
)


def add_options(group: Any) -> None:
    """Add them to a group of pytest's parser, unless another plugin has."""
    if any(f"--claims-{OPTIONS[0][0]}" in option.names() for option in group.options):
        return
    for name, takes, how, said in OPTIONS:
        shape = {} if takes is None else {"metavar": takes}
        group.addoption(f"--claims-{name}", help=said, **shape, **how)


def are_given(options: Any) -> bool:
    """True if one of the options is another than where nobody gives it."""
    return any(
        getattr(options, f"claims_{name.replace('-', '_')}")
        != how.get("default", False if how is FLAG else None)
        for name, _, how, _ in OPTIONS
        if "dest" not in how  # another name of an option
    )
