"""A record: everything that one claim's trial on one device leaves behind, one line of JSON.

These types write `records.jsonl`, read it, check it, and make its JSON Schema:
`python -m harness.records.schema`.
"""

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta, Struct

from harness.statistics.evidence import Verdict
from harness.text import Text

SCHEMA_VERSION: Literal[2] = 2
NOTHING_JUDGED = 7  # exit status wherever no claim was judged; pytest's own are 0 to 6

Count = Annotated[int, Meta(ge=0, le=2**53)]
Share = Annotated[float, Meta(ge=0, le=1)]
Interval = tuple[float | None, float | None]  # closed; null is an infinite end
Hex = Annotated[str, Meta(pattern="^([0-9a-f]{2})*$")]


class RecordError(ValueError):
    """A line is no record; the message says what is wrong with it, and where in it."""


class OtherVersionError(ValueError):
    """A line is a record of another version of the schema; the message says which, and the cure."""


class Section(Struct, frozen=True):
    """A section of the book and its place in it."""

    key: str
    en: str
    zh: str
    order: Count
    beyond: bool = False  # nothing in it is the chapter's own


class Edition(Struct, frozen=True):
    """Where an edition of the book prints or corrects the sentence, and in which words."""

    edition: str
    state: str
    address: str
    quote: str


class Relation(Struct, frozen=True, omit_defaults=True):
    """What the claim states, in words and as zones of a parameter."""

    en: str
    zh: str
    unit: str
    test: str
    true_zone: Interval | None
    false_zones: tuple[Interval, ...]
    part: str | None = None  # of several, the one that the numbers are of
    filled: Text | None = None  # its words where they have numbers of the deciding setting

    @property
    def words(self) -> Text:
        """What the claim states, with the numbers of the setting that the verdict rests on."""
        return self.filled or Text(self.en, self.zh)


class Reached(Struct, frozen=True):
    """Evidence in nats, and what a verdict needs; null is infinite: an exact decision."""

    reached: float | None
    needed: float


class Part(Struct, frozen=True):
    """What one of several statements came to."""

    name: str
    estimate: float | None
    interval: Interval | None
    confirm: float | None
    refute: float | None


class Trial(Struct, frozen=True, omit_defaults=True):
    """The trial at one setting; a trail has observations, nats for and nats against."""

    setting: dict[str, Any]
    verdict: Verdict
    estimate: float | None
    interval: Interval | None
    observations: Count
    blocks: Count
    confirm: float | None
    refute: float | None
    digest: Hex
    trajectory: list[tuple[Count, float | None, float | None]]
    parts: list[Part] = []
    summary: list[float | None] | None = None  # of an undecided trial, which can go on from it
    lacks: str | None = None  # what an implementation has not, where it is not applicable
    drawn: bool = False  # from the claim's range; otherwise the claim lists it
    calls: dict[str, Count] = {}  # of the objects on trial, by role


class Sweep(Struct, frozen=True):
    """Instances at drawn settings, each from a generator state of its own, and none failed.

    They exclude that the sentence fails in a part `share` of them or more.
    """

    share: Share
    instances: Count
    needed: Count
    failed: dict[str, Any] | None  # the setting of the one that did
    skipped: Count  # drawn, but the implementation lacks what they examine


class Smallest(Struct, frozen=True):
    """The smallest setting that refutes."""

    setting: dict[str, Any]
    estimate: float | None


# JSON has no word for what is not finite; null is of records that do not tell which it was.
Number = float | Literal["NaN", "infinity", "-infinity"] | None


class Mismatch(Struct, frozen=True):
    """The element that is furthest off in the first comparison that does not hold.

    `allowed` is the distance from `right` that rounding may make, null where it is not finite.
    Of a fact that should be true `got` is 0 and `right` 1. `compared` is the claim's own call.
    """

    got: Number
    right: Number
    allowed: float | None
    place: list[Count]
    shape: list[Count]
    off: Count  # elements
    fact: bool = False
    compared: str = ""


class Error(Struct, frozen=True):
    """What was raised; `where` is a file and a line."""

    type: str
    message: str
    where: str


class Mark(Struct, frozen=True):
    """A value that a picture shows beside what was measured."""

    name: Text
    value: float


class Series(Struct, frozen=True):
    """A line, or the median and the 10 % and 90 % quantiles over replicates."""

    name: Text
    middle: list[float | None]
    low: list[float | None] | None
    high: list[float | None] | None


class Curves(Struct, frozen=True):
    """Lines over one axis."""

    title: Text
    x_label: Text
    y_label: Text
    log_y: bool
    x: list[float]
    series: list[Series]
    marks: list[Mark]
    replicates: Count | None = None  # that the medians and quantiles are of


class Counts(Struct, frozen=True):
    """A histogram."""

    title: Text
    x_label: Text
    edges: Annotated[list[float], Meta(min_length=2)]
    counts: Annotated[list[Count], Meta(min_length=1)]
    marks: list[Mark]


class Dots(Struct, frozen=True):
    """A replicate is a dot; `happened` has 1 where what the sentence says came true, else 0.

    The sentence asks for y above the line y = factor * x + margin, or below it, where `asks` says
    so; with `corner` for the corner above both margins, of two comparisons at once.
    """

    title: Text
    x_label: Text
    y_label: Text
    x: list[float | None]  # null is what is not finite
    y: list[float | None]
    happened: str
    factor: float
    margin: float
    asks: Literal["above", "below", "corner", ""]
    x_margin: float = 0.0


class Size(Struct, frozen=True):
    """How large something is, in words, with a 95 % interval that may be read at any time.

    `within` is the precision that is asked for, `more` the further observations that it takes:
    0 once it is reached, null where that cannot be said.
    """

    name: Text
    estimate: float
    interval: Interval
    observations: Count
    within: float
    more: Count | None
    compared: bool = False  # of what the claim compares, not of what its verdict is about


class Cells(Struct, frozen=True):
    """Cells that are on or off: masks, labelings of points. A row's string has 1 for on."""

    title: Text
    on: Text
    off: Text
    row_names: list[str]
    rows: list[str]


Values = Annotated[list[float | None], Meta(max_length=512)]


class Record(Struct, frozen=True, kw_only=True):
    """The outcome of one claim on one device: one line of records.jsonl.

    Fields may be added within a schema version; none is removed or changes its meaning.
    """

    schema_version: Literal[2] = SCHEMA_VERSION
    claim: Annotated[str, Meta(min_length=1, description="The claim's id, such as do-unbiased.")]
    name: Annotated[str, Meta(description="The claim's function: the sentence in code.")]
    topic: str
    section: Section
    order: Annotated[int, Meta(ge=0, le=2**53, description="The claim's place in the book.")]
    row: str
    sentence: Text
    source: str
    formula: str | None
    why: Text | None
    condition: Text | None
    twin: Annotated[str | None, Meta(description="The id of the corrected sentence.")]
    expected: Verdict
    verdict: Verdict
    as_expected: bool
    relation: Relation
    estimate: float | None
    interval: Interval | None
    confirm: Reached
    refute: Reached
    alpha: Share
    beta: Share
    replicates: Count
    cap: Count
    detectable: float | None
    settings: list[Trial]
    deciding: Count | None
    smallest_refuting: Smallest | None
    salt: str
    digest: Hex
    implementation: dict[str, str]
    device: str
    device_name: str
    versions: dict[str, str]
    profile: str
    seconds: Annotated[float, Meta(ge=0)]
    curves: list[Curves]
    histograms: list[Counts]
    grids: list[Cells]
    rerun: Annotated[str, Meta(description="The command that repeats the trial bit for bit.")]
    error: Error | None
    faults: list[str]
    code: str
    file: str
    line: Count
    started: str
    block: Annotated[int, Meta(ge=1, le=2**53)] | None
    statistics: Annotated[
        dict[str, Values],
        Meta(
            description="One number per replicate of the first setting, by name, in the order of "
            "measurement, `block` of them from one random stream. Null is what is not finite."
        ),
    ]
    known_failure: dict[str, str] | None = None
    sweep: Sweep | None = None
    mismatch: Mismatch | None = None
    counterexample: Annotated[
        str | None, Meta(description="A program that fails on the object without this package.")
    ] = None
    falls_short: Annotated[
        bool, Meta(description="What the claim declares is excluded, whatever the verdict.")
    ] = False
    calls: Annotated[
        dict[str, Count],
        Meta(description="How often each object on trial was called, by its role."),
    ] = {}
    dots: list[Dots] = []
    sizes: Annotated[
        list[Size],
        Meta(description="How much, at the first setting: measured on after the decision."),
    ] = []
    sizing: Annotated[
        float, Meta(ge=0, description="Seconds of measuring on, beside the trial's.")
    ] = 0.0
    inputs: Annotated[
        dict[str, str],
        Meta(
            description="What it was computed from, each by a digest: claim, experiments, harness, "
            "the modules on trial, ... What is not known says so and is the same as nothing."
        ),
    ] = {}
    suite: Annotated[
        int,
        Meta(ge=0, le=2**53, description="How many sentences and claims its suite has, 0 if none."),
    ] = 0
    capability: Annotated[
        str, Meta(description="A digest of what the device is said to lack; empty if nothing.")
    ] = ""
    editions: Annotated[
        list[Edition], Meta(description="The editions of the book in which the row was looked up.")
    ] = []

    def __post_init__(self) -> None:
        """Raise ValueError where the deciding setting is none of the settings."""
        if self.deciding is not None and self.deciding >= len(self.settings):
            raise ValueError(f"deciding is {self.deciding} of {len(self.settings)} settings")

    @property
    def decisive(self) -> Trial | None:
        """The trial that the verdict rests on."""
        return None if self.deciding is None else self.settings[self.deciding]

    def as_dict(self) -> dict[str, Any]:
        """The record as the data of its line."""
        return msgspec.json.decode(self.as_line())  # type: ignore[no-any-return]

    def as_line(self) -> bytes:
        """The record as one line of JSON; infinities and NaN are null, never a bare token."""
        try:
            return msgspec.json.encode(self, enc_hook=_plain) + b"\n"
        except UnicodeEncodeError:
            # A lone surrogate is no UTF-8; a reader must not lose the whole file to it.
            return msgspec.json.encode(_escaped(msgspec.to_builtins(self, enc_hook=_plain))) + b"\n"


class _Versioned(Struct):
    schema_version: int


_versioned = msgspec.json.Decoder(_Versioned)
_record = msgspec.json.Decoder(Record)


def decode(line: bytes) -> Record:
    """The record of a line; raises RecordError or OtherVersionError."""
    try:
        version = _versioned.decode(line).schema_version
        if version == SCHEMA_VERSION:
            return _record.decode(line)
    except RecursionError as error:
        raise RecordError("it is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise RecordError("it is not UTF-8") from error
    except msgspec.MsgspecError as error:
        raise RecordError(str(error)) from error
    raise OtherVersionError(
        f"has schema_version={version} where this checkout writes and reads {SCHEMA_VERSION}: "
        "use the checkout that ran the claims, or run them again"
    )


def _plain(number: np.generic) -> Any:
    return number.item()


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {_escaped(name): _escaped(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    return value
