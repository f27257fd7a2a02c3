"""The page: records in, one self-contained HTML text out."""

import functools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup

from harness.records.likely import likely_causes, looks_like
from harness.records.record import Record
from harness.text import Text, named
from reports import numbers
from reports.detail import BRIEF, detail_for
from reports.error_budget import Share, sentence, spent
from reports.glossary import same_words
from reports.history.view import History
from reports.html.appendix_tables import AppendixTable
from reports.html.assets import asset, policy
from reports.html.bar import verdict_bar
from reports.html.benchmarks import Benchmarks
from reports.html.changes import Changes
from reports.html.claim_view import ClaimView, PlantedFault, views
from reports.records import Reading
from reports.tally import MARKS, ORDER, USUAL, tally, token
from reports.words import both, say, words

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
MOST_SURPRISES = 20
KEY_STYLES = ("k", *(f"{kind} s{hue}" for kind in "lk" for hue in range(6)))  # of legends
PROMISED = Markup("{} <a href='#ui-promise'>{}</a>")
SLUG = re.compile("[a-z][a-z0-9_-]{0,60}")  # a key that makes a lasting anchor as it is


@dataclass(frozen=True)
class Chapter:
    """A section of the book with its claims."""

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
    share, counted = spent(records), tally(records)
    return (
        environment()
        .get_template("page.html.jinja")
        .render(
            policy=policy(),
            style=asset("report.css"),
            script=asset("report.js"),
            tally=counted,
            bar=verdict_bar(counted),
            verdicts=ORDER,
            usual_verdicts=USUAL,
            changes=changes,
            surprises=[view for view in shown if not view.record.as_expected][:MOST_SURPRISES],
            facts=_facts(records, share),
            notices=reading.notices,
            sections=_chapters(shown),
            devices=sorted({record.device for record in records}),
            share=share,
            timings=timings,
            history=history,
            tables=tables,
            faults=_faults(shown),
            environment=_versions(records),
            lazy=detail is BRIEF,
            key_styles=KEY_STYLES,
            usual=records[0].versions,
        )
    )


@functools.cache
def environment() -> jinja2.Environment:
    """What templates are filled in by: values are escaped, and a missing one is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    made.globals.update(
        say=say, both=both, named=named, words=words, marks=MARKS, glossary=same_words()
    )
    made.filters.update(
        number=numbers.number, count=numbers.count, seconds=numbers.seconds, token=token
    )
    return made


def _chapters(shown: Sequence[ClaimView]) -> list[Chapter]:
    grouped: dict[str, list[ClaimView]] = {}
    for view in shown:
        grouped.setdefault(view.record.section.key, []).append(view)
    return [
        Chapter(
            id=f"ui-section-{key if SLUG.fullmatch(key) else place}",
            key=key,
            title=Text(members[0].record.section.en, members[0].record.section.zh),
            views=members,
            share=spent([view.record for view in members]),
        )
        for place, (key, members) in enumerate(grouped.items(), start=1)
    ]


def _facts(records: Sequence[Record], share: Share) -> list[tuple[str, Markup]]:
    replaced = _distinct(f"{r}={t}" for record in records for r, t in record.implementation.items())
    devices = _distinct(
        f"{record.device} ({record.device_name})" if record.device_name else record.device
        for record in records
    )
    started = min(record.started for record in records)[:16].replace("T", " ")
    took = numbers.seconds(sum(record.seconds for record in records))
    versions = [f"{name} {version}" for name, version in _versions(records)[:6]]
    return [
        ("budget", PROMISED.format(both(sentence(share)), say("scope"))),
        ("implementation", _code(replaced) if replaced else say("reference")),
        *(
            (
                "likely",
                Markup("{}<br><code>{}</code>").format(both(looks_like(c)), c.implementation),
            )
            for c in likely_causes(records)
        ),
        ("profile", _code(_distinct(record.profile for record in records))),
        ("salt", _code(_distinct(record.salt for record in records))),
        ("devices", _code(devices)),
        ("versions", _code(versions or ["–"])),
        ("took", both(Text(f"{took}, from {started}", f"{took}，始于 {started}"))),
    ]


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _code(names: Sequence[str]) -> Markup:
    return Markup(", ").join(Markup("<code>{}</code>").format(name) for name in names)


def _versions(records: Sequence[Record]) -> list[tuple[str, str]]:
    found: dict[str, set[str]] = {}
    for record in records:
        for name, version in record.versions.items():
            found.setdefault(name, set()).add(version or "–")
    return [(name, " / ".join(sorted(values))) for name, values in found.items()]


def _faults(shown: Sequence[ClaimView]) -> list[tuple[PlantedFault, list[ClaimView]]]:
    catchers: dict[PlantedFault, list[ClaimView]] = {}
    for view in shown:
        for fault in view.faults:
            catchers.setdefault(fault, []).append(view)
    return sorted(catchers.items(), key=lambda item: (item[0].role, item[0].what.en))
