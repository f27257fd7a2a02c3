"""The pages: records in, self-contained HTML texts out.

The page itself waits with the evidence of a claim until it is opened; the complete page has all of
it written out, for readers without JavaScript; what serves statisticians has a page of its own.
"""

import base64
import functools
import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from harness.records.record import Record
from harness.text import Text
from reports import numbers
from reports.detail import detail_for
from reports.error_budget import Share, sentence, spent
from reports.history.view import History
from reports.html.appendix_tables import AppendixTable
from reports.html.assets import KEY_STYLES, policy, script, style
from reports.html.bar import standing_bar
from reports.html.benchmarks import Benchmarks
from reports.html.changes import Changes
from reports.html.claim_view import ClaimView, PlantedFault, views
from reports.html.explorables.view import explored_on
from reports.html.on_trial import not_applicable, on_trial
from reports.html.precision import short_of_precision
from reports.html.templating import environment
from reports.records import Reading
from reports.tally import FALSE, Sentence, Tally, is_end, tally
from reports.words import both, say, words

MOST_SURPRISES = 20
PROMISED = Markup("{} <a href='{}#ui-promise'>{}</a>")
SLUG = re.compile("[a-z][a-z0-9_-]{0,60}")  # a key that makes a lasting anchor as it is
EMPHASIS = re.compile(r"\*([^*]+)\*")
FULL_STOP = re.compile(r"(?<!\.)\. (?=[A-Z0-9])")  # and no ellipsis within a formula
WORD = re.compile(r"[a-z]+[ ,']")  # and no symbol such as λ or sin(ax)


@dataclass(frozen=True)
class Names:
    """What the pages are called, by which they link to each other."""

    page: str = "report.html"
    complete: str = "report.complete.html"
    statistics: str = "report.statistics.html"

    @classmethod
    def beside(cls, page: Path) -> "Names":
        """The names of the pages that belong to this one."""
        return cls(page.name, *(f"{page.stem}.{kind}.html" for kind in ("complete", "statistics")))


@dataclass(frozen=True)
class Chapter:
    """A section of the book with its claims, those of a sentence together."""

    id: str
    key: str
    title: Text
    views: Sequence[ClaimView]
    share: Share


class Pages:
    """The three pages of a reading; the same records give the same bytes."""

    def __init__(
        self, reading: Reading, changes: Changes | None = None, names: Names | None = None
    ) -> None:
        self._reading = reading
        self._records = reading.records
        self._tally = tally(reading.records)
        self._names = names or Names()
        replaced = any(record.implementation for record in reading.records)
        standings = {one.row: one.standing for one in self._tally.sentences}
        detail = detail_for(len(reading.records))
        # An engineer reads verdicts on his object, a reader how the book's sentences stand.
        self._views = views(reading.records, detail, None if replaced else standings)
        self._chapters = _chapters(self._views)
        self._objects = on_trial(self._views) if replaced else []
        self._changes = changes

    def page(self) -> str:
        """What is opened first: the answer, and every claim, each with its evidence waiting."""
        return self._page(packed={view.id: self._body(view) for view in self._views})

    def complete(self) -> str:
        """The same with all evidence written out."""
        return self._page(packed=None)

    def statistics(
        self,
        timings: Benchmarks | None = None,
        history: History | None = None,
        tables: Sequence[AppendixTable] = (),
    ) -> str:
        """The error ledger, planted faults, studies, benchmarks, history and versions."""
        return self._rendered(
            "statistics.html.jinja",
            title=words("statisticians"),
            facts=self._facts(),
            sections=self._chapters,
            share=spent(self._records),
            short=short_of_precision(self._views),
            timings=timings,
            history=history,
            tables=tables,
            faults=_faults(self._views),
            environment=_versions(self._records),
        )

    def _page(self, packed: Mapping[str, str] | None) -> str:
        counted = self._tally
        surprises = [view for view in self._views if not view.record.as_expected]
        return self._rendered(
            "page.html.jinja",
            title=self._objects[0].headline() if self._objects else counted.headline(),
            tally=counted,
            bar=standing_bar(counted),
            about=_emphasised(words("about")),
            answer=_answer(counted),
            falsehoods=self._falsehoods(),
            lists=self._lists(),
            objects=self._objects,
            not_applicable=not_applicable,
            changes=self._changes,
            surprises=surprises[:MOST_SURPRISES],
            more_surprises=len(surprises[MOST_SURPRISES:]),
            facts=self._facts(),
            notices=self._reading.notices,
            sections=self._chapters,
            explorables={} if self._objects else explored_on(self._chapters),
            outcomes=_distinct_in_order(view.outcome for view in self._views),
            devices=_distinct(record.device for record in self._records),
            packed=None if packed is None else _packed(packed),
        )

    def _rendered(self, template: str, **what: Any) -> str:
        return environment().get_template(template).render(**self._common, **what)

    def _body(self, view: ClaimView) -> str:
        module = environment().get_template("claim.html.jinja").make_module(self._common)
        return str(module.body(view))  # type: ignore[attr-defined]

    @functools.cached_property
    def _common(self) -> dict[str, Any]:
        return {
            "policy": policy(),
            "style": style(),
            "script": script(),
            "names": self._names,
            "key_styles": KEY_STYLES,
            "usual": self._records[0].versions,
            "printed": _printed,
            "is_end": is_end,
            "engineers": bool(self._objects),
        }

    def _falsehoods(self) -> list[tuple[ClaimView, Text | None]]:
        """The sentences that are false as printed, each with the reason in a sentence."""
        shown = {(view.record.claim, view.record.device): view for view in self._views}
        return [
            (shown[one.printed.claim, one.printed.device], _reason(one))
            for one in self._tally.sentences
            if one.standing == FALSE
        ]

    def _lists(self) -> list[tuple[str, Text, list[ClaimView]]]:
        """The sentences of every other standing."""
        shown = {(view.record.claim, view.record.device): view for view in self._views}
        return [
            (
                standing.name,
                standing.words,
                [shown[s.printed.claim, s.printed.device] for s in standing.sentences],
            )
            for standing in self._tally.standings()
            if standing.name != FALSE
        ]

    def _facts(self) -> list[tuple[str, Markup]]:
        records, share = self._records, spent(self._records)
        replaced = _distinct(
            f"{role}={target}" for r in records for role, target in r.implementation.items()
        )
        devices = _distinct(
            f"{record.device} ({record.device_name})" if record.device_name else record.device
            for record in records
        )
        started = min(record.started for record in records)[:16].replace("T", " ")
        took = numbers.seconds(sum(record.seconds for record in records))
        versions = [f"{name} {version}" for name, version in _versions(records)[:6]]
        there = self._names.statistics
        return [
            ("budget", PROMISED.format(both(sentence(share)), there, say("scope"))),
            ("implementation", _code(replaced) if replaced else say("reference")),
            ("profile", _code(_distinct(record.profile for record in records))),
            ("salt", _code(_distinct(record.salt for record in records))),
            ("devices", _code(devices)),
            ("versions", _code(versions or ["–"])),
            ("took", both(Text(f"{took}, from {started}", f"{took}，始于 {started}"))),
        ]


def render_page(reading: Reading, changes: Changes | None = None) -> str:
    """The complete page as text: every claim with all of its evidence."""
    return Pages(reading, changes).complete()


def _packed(bodies: Mapping[str, str]) -> str:
    """The bodies as gzipped JSON in base64: text that no parser looks into."""
    data = json.dumps(bodies, ensure_ascii=False).encode("utf-8", "replace")
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def _answer(counted: Tally) -> Markup:
    """The headline, each of its numbers leading to its list."""
    linked = {"en": [], "zh": []}  # type: dict[str, list[Markup]]
    for standing in counted.standings():
        for language, said in (("en", standing.words.en), ("zh", standing.words.zh)):
            link = Markup("<a href='#ui-list-{}'>{}</a>").format(standing.name, said)
            linked[language].append(link if standing.sentences else escape(said))
    opening = counted.opening()
    if not counted.sentences:
        return both(opening)
    *most, last = linked["en"]
    en = Markup("{} and {}").format(Markup(", ").join(most), last) if most else last
    return Markup("<i>{} {}.</i><i lang=zh>{}：{}。</i>").format(
        opening.en, en, opening.zh, Markup("，").join(linked["zh"])
    )


def _reason(sentence: Sentence) -> Text | None:
    """The first sentence of why the printed one is false."""
    why = sentence.printed.why
    if why is None:
        return None
    en, zh = FULL_STOP.split(why.en, 1)[0].rstrip("."), why.zh.partition("。")[0]
    if WORD.match(en):
        en = en[0].upper() + en[1:]
    return Text(f"{en}.", f"{zh}。" if zh else "")


def _printed(record: Record) -> bool:
    """Whether the claim is the sentence as the book prints it."""
    return record.claim == record.row


def _emphasised(text: Text) -> Markup:
    en, zh = (EMPHASIS.sub(r"<cite>\1</cite>", str(escape(said))) for said in (text.en, text.zh))
    return Markup(f"<i>{en}</i><i lang=zh>{zh}</i>")


def _chapters(shown: Sequence[ClaimView]) -> list[Chapter]:
    grouped: dict[str, list[ClaimView]] = {}
    for view in shown:
        grouped.setdefault(view.record.section.key, []).append(view)
    return [
        Chapter(
            id=f"ui-section-{key if SLUG.fullmatch(key) else place}",
            key=key,
            title=Text(members[0].record.section.en, members[0].record.section.zh),
            views=_by_sentence(members),
            share=spent([view.record for view in members]),
        )
        for place, (key, members) in enumerate(grouped.items(), start=1)
    ]


def _by_sentence(members: Sequence[ClaimView]) -> list[ClaimView]:
    """The claims of a sentence together: as printed, then what is known beside, then its ends."""
    rows: dict[str, list[ClaimView]] = {}
    for view in members:
        rows.setdefault(view.record.row, []).append(view)
    return [
        view
        for those in rows.values()
        for view in sorted(those, key=lambda v: (not _printed(v.record), is_end(v.record)))
    ]


def _distinct(values: Iterable[str]) -> list[str]:
    return sorted(set(values))


def _distinct_in_order(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


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
