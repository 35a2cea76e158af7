"""What a sentence asks for, by the words of the lexicon, whatever its grammar."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.instruction import normalise
from sovereign_robot.sim.language.lexicon import EITHER, HALVES, VOCABULARIES
from sovereign_robot.sim.scene import Goal

# What marks the thing below in a stack: behind its colour in Japanese, in front of it in English.
_ONTO_BEHIND = re.compile(r"[^をはが、]*?(の上|に|へ)")
_ONTO_BEFORE = re.compile(r"\b(on|onto|upon|over|above|top of)( the)? $")


@dataclass(frozen=True)
class Mention:
    """A value that a sentence names, with what stands around it up to the next such value."""

    value: str
    before: str
    behind: str


def read(text: str, slots: Mapping[str, str], choices: Sequence[Goal] | None, example: str) -> Goal:
    """The goal that a sentence names; see `Grammar.goal_of`.

    Args:
        text: the sentence.
        slots: vocabulary by slot.
        choices: goals that the picture leaves open.
        example: a sentence that would be understood, for the refusal.

    Raises:
        InstructionError: it names no goal or several; lists what there is.
    """
    mentions = {name: _mentions(normalise(text), name) for name in dict.fromkeys(slots.values())}
    goal = _assigned(slots, mentions)
    if goal is None:
        found = ", ".join(dict.fromkeys(m.value for group in mentions.values() for m in group)) or "none"
        joint = " or " if set(slots) == EITHER else " and "
        expected = joint.join(f"one {slot} ({', '.join(VOCABULARIES[v])})" for slot, v in slots.items())
        raise InstructionError(
            f"the instruction {text!r} names {found} of what there is, expected {expected}, "
            f"for example {example!r}"
        )
    return goal if choices is None else _chosen(text, goal, choices)


def in_order(goal: Goal) -> Goal:
    """Of two goals that say the same, the one that names the left bin first."""
    sides = list(VOCABULARIES["side"])
    if "other_bin" in goal and sides.index(goal["bin"]) > sides.index(goal["other_bin"]):
        return turned(goal)
    return goal


def turned(goal: Goal) -> Goal:
    """The same two things, the other one first."""
    partner = {**HALVES, **{second: first for first, second in HALVES.items()}}
    return {slot: goal[partner[slot]] for slot in goal}


def is_goal(goal: Goal, slots: Mapping[str, str]) -> bool:
    """Whether a goal makes sense: slots that share a vocabulary differ, and the left bin is named first."""
    different = {(slots[slot], value) for slot, value in goal.items()}
    return len(different) == len(goal) and in_order(goal) == goal


def _chosen(text: str, goal: Goal, choices: Sequence[Goal]) -> Goal:
    fitting = [c for c in choices if goal.items() <= in_order(c).items()]
    if len(fitting) != 1:
        there = "; ".join(" ".join(choice.values()) for choice in choices)
        raise InstructionError(
            f"the instruction {text!r} fits {len(fitting)} of the goals that this scene leaves open, "
            f"expected 1: ask for one of {there}"
        )
    return fitting[0]


def _assigned(slots: Mapping[str, str], mentions: Mapping[str, list[Mention]]) -> Goal | None:
    """The goal that the mentions make; None when they make none, or several."""
    goal: dict[str, str] = {}
    for name, found in mentions.items():
        mine = [slot for slot in slots if slots[slot] == name]
        values = _values(mine, found)
        if len(values) != len(mine) and not (set(slots) == EITHER and not found):
            return None
        goal |= zip(mine, values, strict=False)
    ordered = {slot: goal[slot] for slot in slots if slot in goal}
    if not ordered or not is_goal(in_order(ordered), slots):
        return None
    return in_order(ordered)


def _values(slots: list[str], found: list[Mention]) -> list[str]:
    """The values in the order of the slots that share a vocabulary; one slot may be named twice."""
    if len(slots) == 1:
        return list(dict.fromkeys(mention.value for mention in found))
    if "onto" not in slots:
        return [mention.value for mention in found]
    below = [m for m in found if _ONTO_BEFORE.search(m.before) or _ONTO_BEHIND.match(m.behind)][:1]
    return [m.value for m in found if m not in below] + [m.value for m in below] if below else []


def _mentions(text: str, name: str) -> list[Mention]:
    pattern, values = _pattern(name)
    found = list(pattern.finditer(text))
    ends = [0, *(match.end() for match in found)]
    starts = [*(match.start() for match in found), len(text)]
    return [
        Mention(values[match[0]], text[ends[i] : match.start()], text[match.end() : starts[i + 1]])
        for i, match in enumerate(found)
    ]


@cache
def _pattern(name: str) -> tuple[re.Pattern[str], dict[str, str]]:
    """What finds the words of a vocabulary, the longest first, and the value of each word."""
    values = {stem: value for value, words in VOCABULARIES[name].items() for stem in words.stems()}
    return re.compile("|".join(_alternatives(values))), values


def _alternatives(words: Mapping[str, str]) -> Iterator[str]:
    for word in sorted(words, key=len, reverse=True):
        yield rf"\b{re.escape(word)}\b" if word.isascii() else re.escape(word)
