"""How far a verdict reaches, in words: which settings and generator states it speaks of."""

from harness.records.record import Record, Sweep
from harness.statistics.evidence import Verdict
from harness.statistics.instances import unseen_share
from harness.text import Text, counted

UNSURE = 0.05  # of a bound on the settings that could still fail, beside claims without a sweep
SETTINGS = Text("settings and generator states", "此类设置与生成器状态")
STATES = Text("generator states", "生成器状态")
HOLDS = (Verdict.CONFIRMED, Verdict.WEAKER)


def covered(record: Record) -> Text | None:
    """What the verdict covers; None where its words say all: one setting, no verdict, a failure."""
    parts = [part for part in (applying(record), _instances(record)) if part is not None]
    if not parts:
        return None
    return Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))


def applying(record: Record) -> Text | None:
    """At how many of its settings the claim was judged, and why not at the others; None if at all.

    None, too, where it was judged at none: then that is its verdict.
    """
    judged, settings = _applies(record), len(record.settings)
    if not 0 < judged < settings:
        return None
    lacks = "; ".join(dict.fromkeys(trial.lacks for trial in record.settings if trial.lacks))
    return Text(
        f"at {judged} of {settings} settings (the others are not applicable: {lacks})",
        f"在 {settings} 个设置中的 {judged} 个上（其余不适用：“{lacks}”）",
    )


def percent(share: float) -> Text:
    """A share of 0.01 as '1 %', in two digits."""
    shown = f"{100 * share:.2g}"
    return Text(f"{shown} %", f"{shown}%")


def _applies(record: Record) -> int:
    return sum(trial.verdict is not Verdict.NOT_APPLICABLE for trial in record.settings)


def _instances(record: Record) -> Text | None:
    if record.sweep is not None:
        return _of_sweep(record.sweep, any(trial.drawn for trial in record.settings))
    if record.verdict not in HOLDS:
        return None
    kept = [trial for trial in record.settings if trial.verdict is not Verdict.NOT_APPLICABLE]
    drawn = sum(trial.drawn for trial in kept)
    if drawn:
        return _of_drawn(len(kept), drawn)
    if any(trial.setting for trial in kept):
        return Text(
            f"at the {len(kept)} listed settings and at no others"
            if len(kept) > 1
            else "at the one listed setting and at no other",
            f"仅限所列的 {len(kept)} 个设置",
        )
    return None


def _swept(sweep: Sweep) -> bool:
    return sweep.failed is None and sweep.instances >= sweep.needed


def _of_sweep(sweep: Sweep, drawn: bool) -> Text:
    what = SETTINGS if drawn else STATES
    count, skipped = f"{sweep.instances:,}", f"{sweep.skipped:,}"
    more = Text(f", {skipped} more not applicable", f"，另有 {skipped} 个不适用")
    if not sweep.skipped:
        more = Text("", "")
    if sweep.failed is not None:
        tried = f"{sweep.instances + 1:,}"
        return Text(
            f"it fails at one of {tried} drawn {what.en}{more.en}",
            f"抽取的 {tried} 个{what.zh}中有一个不成立{more.zh}",
        )
    if not _swept(sweep):
        return Text(
            f"{count} {what.en} drawn, none failed, of {sweep.needed:,} that are needed{more.en}",
            f"抽取 {count} 个{what.zh}，无一不成立，但需要 {sweep.needed:,} 个{more.zh}",
        )
    share, such = percent(sweep.share), "such " if drawn else ""
    return Text(
        f"in all but at most {share.en} of {such}{what.en} ({count} drawn, none failed{more.en})",
        f"除至多 {share.zh} 的{what.zh}之外均成立（抽取 {count} 个，无一不成立{more.zh}）",
    )


def _of_drawn(settings: int, drawn: int) -> Text:
    left = percent(unseen_share(drawn, UNSURE))
    sure = percent(1 - UNSURE)
    listed = "" if drawn == settings else f", {drawn} of them drawn"
    given = "" if drawn == settings else f"（其中 {drawn} 个为抽取）"
    return Text(
        f"examined at {counted(settings, 'setting')}{listed}; up to {left.en} of such settings "
        f"could still fail ({sure.en})",
        f"检验了 {settings} 个设置{given}；此类设置中仍可能有至多 {left.zh} 不成立（{sure.zh}）",
    )
