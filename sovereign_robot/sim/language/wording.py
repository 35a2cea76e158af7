"""How the phrasings of a task are written down: frames, verbs and manners, multiplied.

A frame is a clause with {references} to slots, to rules of the same speech, and to its {verb}. A verb has
two forms, written "one/other": te-form and dictionary form in Japanese, base and -ing in English; a frame
may hold further ones as [one/other]. A manner is a way to ask: it takes the clause in one form or the other,
{0} or {1}. Frame x verb x manner, with its references still open, is one phrasing.
"""

import re
from dataclasses import dataclass

VERB = "{verb}"


@dataclass(frozen=True)
class Speech:
    """All that one language can say for one task.

    Attributes:
        rules: what a reference that is no slot may be replaced by.
        groups: phrasings by kind; a sentence comes from each kind equally often, however many it holds.
    """

    rules: dict[str, tuple[str, ...]]
    groups: tuple[tuple[str, ...], ...]


def listed(text: str) -> tuple[str, ...]:
    """The parts of a list that is written with "|"."""
    return tuple(part.strip() for part in text.split("|"))


def rules(**alternatives: str) -> dict[str, tuple[str, ...]]:
    """Rules from lists that are written with "|"."""
    return {name: listed(text) for name, text in alternatives.items()}


def say(frames: str, verbs: str, manners: tuple[str, ...]) -> tuple[str, ...]:
    """Every frame with every verb in every manner."""
    return tuple(
        manner.replace("{0}", _inflected(clause, 1)).replace("{1}", _inflected(clause, 2))
        for frame in listed(frames)
        for clause in [frame.replace(VERB, f"[{verb}]") for verb in listed(verbs)]
        for manner in manners
    )


def _inflected(clause: str, form: int) -> str:
    return re.sub(r"\[([^/\]]*)/([^\]]*)\]", rf"\{form}", clause)
