"""Writes the measured tables between two marks of docs/studies/performance.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "studies" / "performance.md"
BEGIN, END = "<!-- peers: begin -->", "<!-- peers: end -->"


def write(kept: Mapping[str, Any], order: Sequence[str]) -> None:
    """Replace what stands between the marks by the figures of a run."""
    lines = ["", *kept["machine"], ""]
    results = [kept["results"][name] for name in order if name in kept["results"]]
    lines += targets(results)
    for result in results:
        lines += ["", *section(result)]
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    text = "\n".join([before + BEGIN, *lines, "", END + after])
    PAGE.write_text(text, encoding="utf-8")


def targets(results: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the table of targets: asked, reached with its interval, met or short."""
    lines = [
        "| workload | ours | against | target | reached, 95 % interval | |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        for row in result["rows"]:
            met = "met" if row["reached"] >= row["target"] else "**short**"
            reached = f"{_short(row['reached'])} [{_short(row['low'])}, {_short(row['high'])}]"
            lines.append(
                f"| {result['title']} | {row['ours'].removeprefix('ours, ')} | {row['against']} "
                f"| {_short(row['target'])} | {reached} | {met} |"
            )
    return lines


def section(result: Mapping[str, Any]) -> list[str]:
    """Return one workload's forms with their times, and how equal their results were."""
    lines = [
        f"### {result['title']}",
        "",
        f"| form | time per {result['unit']} | first call beyond that | timed on |",
        "|---|---|---|---|",
    ]
    for name, seconds in result["seconds"].items():
        set_up = result["set_up"][name]
        lines.append(
            f"| {name} | {_time(seconds)} | {_time(set_up) if set_up > 0.05 else ''} "
            f"| {result['scaled'][name]} |"
        )
    worst: dict[str, tuple[float, float]] = {}
    for check in result["checks"]:
        before = worst.get(check["what"], (0.0, check["allowed"]))
        worst[check["what"]] = (max(before[0], check["distance"]), check["allowed"])
    lines += ["", "Checked before timing (largest of all forms, allowed):"]
    lines += [
        f"- {what}: {distance:.2g} ({allowed:g})" for what, (distance, allowed) in worst.items()
    ]
    for row in result["rows"]:
        print_ = f"{_short(row['reached'])} [{_short(row['low'])}, {_short(row['high'])}]"
        lines.append(
            f"- {row['ours']} against {row['against']}: {print_}, target {_short(row['target'])}"
        )
    return lines


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6), ("ns", 1e-9)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.2g} ns"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
