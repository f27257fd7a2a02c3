"""How much a claim's effects come to, in words."""

from harness.records.record import Size
from harness.text import Text, named
from harness.trial.effects import Effect, Effects

SHARE = Text("share of replicates in which it happens", "发生该情形的重复试验所占比例")
VALUE = Text("what is tested", "被检验的量")


def sizes_of(effects: Effects) -> list[Size]:
    """Each effect under the name that a reader meets."""
    return [
        Size(
            _name(one),
            one.estimate,
            one.interval,
            one.observations,
            one.within,
            one.more,
            one.sides is not None,
        )
        for one in effects.found
    ]


def _name(effect: Effect) -> Text:
    if effect.sides is None:
        name = SHARE if effect.kind == "share" else VALUE
        part = named(effect.part.replace("_", " "))
        return Text(f"{part.en}: {name.en}", f"{part.zh}：{name.zh}") if effect.part else name
    above, below, unit = effect.sides.above, effect.sides.below, effect.sides.unit
    match effect.kind:
        case "ratio":
            return Text(
                f"{above.en} over {below.en}, median", f"{above.zh}与{below.zh}之比，中位数"
            )
        case "difference":
            return Text(
                f"{above.en} less {below.en}, median ({unit.en})",
                f"{above.zh}减{below.zh}，中位数（{unit.zh}）",
            )
    return Text(f"{above.en}, median ({unit.en})", f"{above.zh}，中位数（{unit.zh}）")
