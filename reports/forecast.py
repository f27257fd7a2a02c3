"""What an undecided trial has seen, and about how many replicates are missing."""

from harness.records.record import Record
from harness.statistics.planning import more_observations
from harness.text import Text, counted
from reports.numbers import count, nats


def open_words(record: Record) -> Text:
    """What is open, in a few sentences."""
    trial, cap = record.decisive, count(record.cap)
    n = trial.observations if trial else record.replicates
    sides = [(side.reached, side.needed) for side in (record.confirm, record.refute)]
    (confirm, to_confirm), (refute, to_refute) = (map(nats, side) for side in sides)
    en = (
        f"After {counted(n, 'replicate', shown=count(n))} the evidence is {confirm} of "
        f"{to_confirm} nats for the sentence and {refute} of {to_refute} against it."
    )
    zh = (
        f"经过 {count(n)} 次重复，支持论断的证据为 {confirm} / {to_confirm} 纳特，"
        f"反对的为 {refute} / {to_refute}。"
    )
    more = more_observations(n, *sides)
    if more is not None:
        stops = Text(f"; the trial stops at {cap}.", f"；审理上限为 {cap} 次。")
        end = stops if record.cap else Text(".", "。")
        en += f" At this rate about {count(more)} more would decide{end.en}"
        zh += f"照此速度，大约还需 {count(more)} 次{end.zh}"
    if record.falls_short:
        en = f"What is declared is excluded; whether anything weaker holds is open. {en}"
        zh = f"所声明的程度已被排除；更弱的程度是否成立尚未判定。{zh}"
    return Text(f"{en} Continue with --claims-continue.", f"{zh}用 --claims-continue 继续。")
