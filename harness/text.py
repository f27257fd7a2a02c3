"""Text for people: the same words in English and in Chinese."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """The same words in English and in Chinese."""

    en: str
    zh: str
