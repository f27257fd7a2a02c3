"""The options of `--claims-gate`, apart from what judges: a plugin adds them to any run."""

from typing import Any


def add_options(group: Any) -> None:
    """Add two options to a group of pytest's parser, unless another plugin has."""
    if any("--claims-gate" in option.names() for option in group.options):
        return
    group.addoption(
        "--claims-gate",
        action="store_true",
        help="after the run, compare verdicts and training statistics with the baseline; the run "
        "fails where the gate is red or undecided",
    )
    group.addoption(
        "--claims-baseline",
        metavar="FILE",
        default=None,
        help="the baseline of --claims-gate (default: baseline.json; write it with "
        "`python -m reports accept`)",
    )
