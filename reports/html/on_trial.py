"""What an engineer reads first: how many checks his object fails, and of each what was got."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.records.covered import covered
from harness.records.likely import likely_causes, looks_like
from harness.records.record import Record
from harness.statistics.evidence import Verdict
from harness.text import Text
from reports import numbers
from reports.html.claim_view import ClaimView
from reports.html.setting import setting_text

NO_SETTING = "no setting applies"


@dataclass(frozen=True)
class Failure:
    """A check that failed: what was got, what had to be, and where."""

    view: ClaimView
    got: Text | None
    right: str
    setting: Text | None


@dataclass(frozen=True)
class OnTrial:
    """An object on trial by its role, and what became of the checks that call it."""

    role: str
    target: str
    failures: Sequence[Failure]
    undecided: Sequence[ClaimView]
    passed: Sequence[ClaimView]
    lacking: Sequence[tuple[str, Sequence[ClaimView]]]
    likely: Text | None
    program: str | None

    def headline(self) -> Text:
        """How many of the checks that apply fail, in a sentence."""
        failed, open_ones = len(self.failures), len(self.undecided)
        judged = failed + open_ones + len(self.passed)
        if not judged:
            return Text(f"Nothing of your {self.role} was judged.", f"你的 {self.role} 未受检验。")
        checks = "check" if judged == 1 else "checks"
        of_all = f"all {judged} {checks}" if judged > 1 else "the one check"
        if not failed and not open_ones:
            return Text(
                f"Your {self.role} passes {of_all}.", f"你的 {self.role} 通过全部 {judged} 项检验。"
            )
        en = f"{failed} of {judged} {checks} {'fails' if failed == 1 else 'fail'}"
        zh = f"{judged} 项检验中有 {failed} 项未通过"
        if open_ones:
            en += f", {open_ones} {'is' if open_ones == 1 else 'are'} undecided"
            zh += f"，{open_ones} 项未决"
        return Text(f"Your {self.role}: {en}.", f"你的 {self.role}：{zh}。")

    def passing(self) -> Text:
        """What passed, in a line."""
        count = len(self.passed)
        return Text(
            f"{count} {'check passes' if count == 1 else 'checks pass'}", f"{count} 项检验通过"
        )


def on_trial(shown: Sequence[ClaimView]) -> list[OnTrial]:
    """Every object that replaced a role; none where the reference alone was examined."""
    objects = dict.fromkeys(pair for view in shown for pair in view.record.implementation.items())
    return [_object(role, target, shown) for role, target in objects]


def not_applicable(count: int) -> Text:
    """So many checks do not apply."""
    return Text(
        f"{count} {'check does' if count == 1 else 'checks do'} not apply", f"{count} 项检验不适用"
    )


def _object(role: str, target: str, shown: Sequence[ClaimView]) -> OnTrial:
    own = [view for view in shown if _calls(view.record, role, target)]
    records = [view.record for view in own]
    lacking: dict[str, list[ClaimView]] = {}
    for view in own:
        if view.record.verdict is Verdict.NOT_APPLICABLE:
            error = view.record.error
            lacking.setdefault(error.message if error else NO_SETTING, []).append(view)
    judged = [view for view in own if view.record.verdict.judged]
    odd = [view for view in judged if not view.record.as_expected]
    name = f"{role}={target}"
    causes = [looks_like(one) for one in likely_causes(records) if one.implementation == name]
    return OnTrial(
        role=role,
        target=target,
        failures=[_failure(v) for v in odd if v.record.verdict is not Verdict.UNDECIDED],
        undecided=[v for v in odd if v.record.verdict is Verdict.UNDECIDED],
        passed=[view for view in judged if view.record.as_expected],
        lacking=list(lacking.items()),
        likely=causes[0] if causes else None,
        program=next((one.counterexample for one in records if one.counterexample), None),
    )


def _calls(record: Record, role: str, target: str) -> bool:
    """Whether the claim is about this object; records that count no calls are about all of them."""
    if record.implementation.get(role) != target:
        return False
    return not record.calls or role in record.calls


def _failure(view: ClaimView) -> Failure:
    record = view.record
    smallest, deciding = record.smallest_refuting, record.decisive
    # What was got is of the smallest setting, an estimate of the one that decides.
    at = smallest if smallest and view.got else deciding
    setting = at.setting if at else {}
    measured = None
    if view.got is None and record.estimate is not None:
        found = f"{numbers.number(record.estimate)} {numbers.interval(record.interval)}"
        measured = Text(f"{found} {record.relation.unit}".strip(), found)
    if record.error is not None:
        raised = f"{record.error.type}: {record.error.message}"
        measured = Text(raised, raised)
    zone = record.relation.true_zone
    return Failure(
        view=view,
        got=view.got or measured or covered(record),
        right=numbers.interval(zone) if zone is not None and view.got is None else "",
        setting=setting_text(setting) if setting else None,
    )
