"""Options that several commands share."""

import argparse
from pathlib import Path


def add_records(parser: argparse.ArgumentParser) -> None:
    """`--records`: the file that a run wrote."""
    add_file(parser, "--records", "what the claims run wrote", Path("out/records.jsonl"))


def add_processes(parser: argparse.ArgumentParser, more: str) -> None:
    """`--benchmarks`: a file of pytest-benchmark for each process."""
    parser.add_argument(
        "--benchmarks",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help=f"pytest-benchmark's JSON, one file a process, {more}",
    )


def add_file(
    parser: argparse.ArgumentParser, name: str, what: str, default: Path | None = None
) -> None:
    """An option that names one file; its help says the default where there is one."""
    shown = f"{what} (default: {default})" if default else what
    names = name.split()
    parser.add_argument(*names, type=Path, default=default, metavar="FILE", help=shown)
