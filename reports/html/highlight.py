"""Python source as HTML with a handful of one-letter classes, coloured by the page's style."""

import functools

from markupsafe import Markup
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token, _TokenType

CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (String, "s"),
    (Number, "n"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Decorator, "d"),
    (Name.Function, "d"),
)


def highlight(source: str, colours: bool = True) -> Markup:
    """The source, escaped; only comments, strings, numbers, keywords and names given are marked."""
    if not colours:
        return Markup(_escaped(source))
    pieces: list[str] = []
    last, run = "", ""
    for kind, text in PythonLexer(stripnl=False, ensurenl=False).get_tokens(source):
        style = _style(kind)
        if style == last:
            run += text
            continue
        pieces.append(_wrapped(run, last))
        last, run = style, text
    pieces.append(_wrapped(run, last))
    return Markup("".join(pieces))


@functools.cache
def _style(kind: _TokenType) -> str:
    if kind in Token.Text:
        return ""
    return next((style for parent, style in CLASSES if kind in parent), "")


def _wrapped(text: str, style: str) -> str:
    return f"<b class={style}>{_escaped(text)}</b>" if style and text else _escaped(text)


def _escaped(text: str) -> str:
    """For text between tags, where quotes are harmless and many."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
