"""The page: records in, one self-contained HTML text out."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from harness.text import Text
from reports import numbers
from reports.detail import BRIEF, detail_for
from reports.error_budget import Share, sentence, spent
from reports.history.view import History
from reports.html.appendix_tables import AppendixTable
from reports.html.assets import asset, policy
from reports.html.bar import verdict_bar
from reports.html.benchmarks import Benchmarks
from reports.html.changes import Changes
from reports.html.claim_view import ClaimView, fault_text, views
from reports.html.pictures import text
from reports.records import Reading
from reports.tally import JUDGED, MARKS, ORDER, tally, token
from reports.words import both, say, words

MOST_SURPRISES = 20
KEY_STYLES = ("k", *(f"{kind} s{hue}" for kind in "lk" for hue in range(6)))  # of legends


@dataclass(frozen=True)
class Chapter:
    """A section of the chapter with its claims."""

    id: str
    key: str
    title: Text
    views: Sequence[ClaimView]
    share: Share


def render_page(
    reading: Reading,
    changes: Changes | None = None,
    timings: Benchmarks | None = None,
    history: History | None = None,
    tables: Sequence[AppendixTable] = (),
) -> str:
    """The whole page as text; the same records give the same bytes."""
    records = reading.records
    detail = detail_for(len(records))
    shown = views(records, detail)
    share = spent(records)
    counted = tally(records)
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            policy=policy(),
            style=asset("report.css"),
            script=asset("report.js"),
            tally=counted,
            bar=verdict_bar(counted),
            verdicts=ORDER,
            judged=JUDGED,
            changes=changes,
            surprises=[v for v in shown if not v.record["as_expected"]][:MOST_SURPRISES],
            facts=_facts(records, share),
            notices=reading.notices,
            sections=_chapters(shown),
            devices=sorted({record["device"] for record in records}),
            share=share,
            timings=timings,
            history=history,
            tables=tables,
            faults=_faults(shown),
            environment=_versions(records),
            lazy=detail is BRIEF,
            key_styles=KEY_STYLES,
            differs=functools.partial(_differs, records[0].get("versions")),
        )
    )


@functools.cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.globals.update(say=say, both=both, words=words, marks=MARKS)
    made.filters.update(
        number=numbers.number,
        count=numbers.count,
        seconds=numbers.seconds,
        nats=numbers.nats,
        token=token,
    )
    return made


SLUG = re.compile("[a-z][a-z0-9_-]{0,60}")  # a key that makes a lasting anchor as it is


def _chapters(shown: Sequence[ClaimView]) -> list[Chapter]:
    grouped: dict[str, list[ClaimView]] = {}
    for view in shown:
        grouped.setdefault(view.record["section"]["key"], []).append(view)
    return [
        Chapter(
            id=f"ui-section-{key if SLUG.fullmatch(str(key)) else place}",
            key=key,
            title=text(members[0].record["section"]),
            views=members,
            share=spent([dict(view.record) for view in members]),
        )
        for place, (key, members) in enumerate(grouped.items(), start=1)
    ]


def _facts(records: Sequence[dict[str, Any]], share: Share) -> list[tuple[str, Markup]]:
    under_test = {
        f"{role}={target}"
        for record in records
        for role, target in (record.get("implementation") or {}).items()
    }
    replaced = Markup(", ").join(Markup("<code>{}</code>").format(name) for name in under_test)
    salts = _distinct(records, "salt")
    devices = {
        f"{record['device']} ({record['device_name']})"
        if record.get("device_name")
        else record["device"]
        for record in records
    }
    total = sum(record.get("seconds") or 0.0 for record in records)
    return [
        ("budget", both(sentence(share))),
        ("implementation", replaced if under_test else say("reference")),
        ("profile", escape(", ".join(_distinct(records, "profile")) or "–")),
        ("salt", Markup("<code>{}</code>").format(", ".join(salts) or "–")),
        ("devices", escape(", ".join(sorted(devices)))),
        ("versions", escape(", ".join(f"{n} {v}" for n, v in _versions(records)[:6]) or "–")),
        ("took", _took(total, min(_distinct(records, "started"), default="–"))),
    ]


def _took(total: float, started: str) -> Markup:
    seconds, since = numbers.seconds(total), started[:16].replace("T", " ")
    return both(Text(f"{seconds}, from {since}", f"{seconds}，始于 {since}"))


def _distinct(records: Sequence[dict[str, Any]], field: str) -> list[str]:
    return sorted({str(record[field]) for record in records if record.get(field) is not None})


def _versions(records: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        for name, version in (record.get("versions") or {}).items():
            found.setdefault(name, set()).add(version or "–")
    return [(name, " / ".join(sorted(values))) for name, values in found.items()]


def _differs(usual: Mapping[str, Any] | None, view: ClaimView) -> bool:
    return bool(view.get("versions") != usual)


def _faults(shown: Sequence[ClaimView]) -> list[tuple[str, list[ClaimView]]]:
    catchers: dict[str, list[ClaimView]] = {}
    for view in shown:
        for mutant in view.get("faults") or ():
            catchers.setdefault(fault_text(mutant), []).append(view)
    return sorted(catchers.items())
