"""Cells that are on or off, row by row: the mask of a dropout layer, the labelings of points."""

from collections.abc import Sequence

from harness.text import Text, named
from reports.svg.element import DataTable, Key, Picture, frame, names

WIDTH = 360
MARGIN = 92  # pixels left of the cells at most, where the rows have names
LARGEST_CELL = 16  # pixels
MOST = 64  # rows and columns
IN_TABLE = 16  # rows
ROW = Text("row", "行")
CELLS = Text("cells", "格")
FILLED = Text("full squares (number)", "填满的格（个数）")
OTHERS = Text("the others (number)", "其余的格（个数）")

Cells = Sequence[Sequence[bool]]


def cell_grid(
    title: Text,
    cells: Cells,
    on: Text,
    off: Text,
    row_names: Sequence[str] = (),
) -> Picture:
    """A filled square for every cell that is on, a frame around all of them."""
    shown = [row[:MOST] for row in cells[:MOST]]
    columns = max((len(row) for row in shown), default=0) or 1
    left = min(MARGIN, 12 + 7 * max(map(len, row_names))) if row_names else 1
    side = max(3, min(LARGEST_CELL, (WIDTH - left - 1) // columns))
    gap = 1 if side < 8 else 2
    right, height = left + side * columns, side * max(len(shown), 1) + 2
    filled = "".join(
        f"M{left + x * side} {1 + y * side}h{side - gap}v{side - gap}h{gap - side}z"
        for y, row in enumerate(shown)
        for x, cell in enumerate(row)
        if cell
    )
    empty = "".join(
        f"M{left + x * side + side // 2} {1 + y * side + side // 2}h0"
        for y, row in enumerate(shown)
        for x, cell in enumerate(row)
        if not cell and side == LARGEST_CELL
    )
    body = [
        f'<path class=a d="M{left - 1} 0H{right}V{height - 1}H{left - 1}z"/>',
        f'<path class=h d="{filled or "M0 0"}"/>',
        *([f'<path class=off d="{empty}"/>'] if empty else []),
    ]
    if row_names:
        middle = [1 + y * side + side // 2 + 4 for y in range(len(shown))]
        rows = zip(middle, row_names, strict=False)
        body.append(names(((left - 6, y, named(name)) for y, name in rows), "r", 14))
    count, total = sum(map(sum, shown)), sum(map(len, shown))
    return Picture(
        svg=frame(WIDTH, height, body, title, _describe(count, total, on, off)),
        caption=title,
        legend=[
            Key("h", on),
            Key("off" if side == LARGEST_CELL else "a", off),
        ],
        facts=[(FILLED, str(count)), (OTHERS, str(total - count))],
        table=_table(shown, row_names),
    )


def _describe(count: int, total: int, on: Text, off: Text) -> Text:
    return Text(
        f"{count} of {total} cells are {on.en}, {total - count} {off.en}.",
        f"{total} 格中 {count} 格{on.zh}，{total - count} 格{off.zh}。",
    )


def _table(cells: Cells, row_names: Sequence[str]) -> DataTable:
    heads = [row_names[i] if i < len(row_names) else str(i + 1) for i in range(len(cells))]
    return DataTable(
        head=[ROW, CELLS],
        rows=[
            [named(name), "".join("1" if cell else "0" for cell in row)]
            for name, row in list(zip(heads, cells, strict=True))[:IN_TABLE]
        ],
    )
