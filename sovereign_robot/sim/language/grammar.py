"""From a goal to a sentence that a person could say, and from a sentence back to the goal.

Phrasings, not sentences, are split into those for training and those that are held out, so a held-out
sentence differs in frame, verb or manner from all that training ever showed, by no word that is new.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from string import Formatter
from zlib import crc32

import numpy as np

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.sim.language.english import ENGLISH
from sovereign_robot.sim.language.japanese import JAPANESE
from sovereign_robot.sim.language.lexicon import LANGUAGES, SLOTS, VOCABULARIES, Words
from sovereign_robot.sim.language.reading import is_goal, read, turned
from sovereign_robot.sim.language.strangers import strangers
from sovereign_robot.sim.language.wording import Speech
from sovereign_robot.sim.scene import Goal

__all__ = ["LANGUAGES", "Grammar", "grammar_of"]

HELD_OUT_EVERY = 5


def is_held_out(phrasing: str) -> bool:
    """Whether training never shows a phrasing: every fifth by its hash, in whichever task it occurs."""
    return crc32(phrasing.encode()) % HELD_OUT_EVERY == 0


class Grammar:
    """What can be said for one task."""

    def __init__(self, task: str) -> None:
        """Take the wording of a task.

        Raises:
            UsageError: there is none.
        """
        if task not in SLOTS:
            raise UsageError(f"task {task!r} has no wording; it has to be one of {', '.join(SLOTS)}")
        self.task = task
        self._slots = SLOTS[task]
        self._speech: dict[str, Speech] = {"ja": JAPANESE[task], "en": ENGLISH[task]}
        self._groups = {
            (language, held_out): _split(self._speech[language], held_out)
            for language in LANGUAGES
            for held_out in (False, True)
        }
        self._example = self.sentence(np.random.default_rng(0), "en", self.goals()[0], held_out=False)

    @property
    def slots(self) -> dict[str, tuple[str, ...]]:
        """The values of each slot."""
        return {slot: tuple(VOCABULARIES[name]) for slot, name in self._slots.items()}

    def goals(self) -> tuple[Goal, ...]:
        """Every goal that a picture of this task may leave open."""
        rows = (dict(zip(self.slots, v, strict=True)) for v in itertools.product(*self.slots.values()))
        return tuple(goal for goal in rows if is_goal(goal, self._slots))

    def phrasings(self, language: str, held_out: bool) -> tuple[str, ...]:
        """Every way to ask, with its slots still open."""
        return tuple(p for group in self._groups[language, held_out] for p in group)

    def sentence(
        self,
        rng: np.random.Generator,
        language: str,
        goal: Goal,
        held_out: bool,
        choices: Sequence[Goal] = (),
    ) -> str:
        """One sentence that asks for a goal, and for no other goal of the picture.

        Args:
            rng: decides between phrasings and between words.
            language: one of LANGUAGES.
            goal: what is asked for.
            held_out: whether with a phrasing that training never shows.
            choices: all goals that the picture leaves open; a slot may stay unsaid where the others tell
                the goal among these. Without choices every slot is said.
        """
        if "other" in goal and rng.random() < 0.5:
            goal = turned(goal)
            choices = [turned(choice) for choice in choices]
        groups = self._groups[language, held_out]
        group = groups[int(rng.integers(len(groups)))]
        words = _Words(self, rng, language, goal, choices)
        return words.fill(group[int(rng.integers(len(group)))])

    def goal_of(self, text: str, choices: Sequence[Goal] | None = None) -> Goal:
        """The goal that a sentence names, by its words.

        Args:
            text: any sentence; everything that `sentence` says is understood.
            choices: goals that the picture leaves open; completes what the sentence leaves unsaid.

        Returns:
            the goal, one of the choices if they are given; without them it may lack a slot that a picture
            can tell (the place of a button that is named by colour).

        Raises:
            InstructionError: it names no goal or several; lists what there is.
        """
        return read(text, self._slots, choices, self._example)

    def words(self, slot: str, value: str) -> Words:
        """All words for a value of a slot, or for one that no task has (`strangers.py`)."""
        vocabulary = self._slots[slot]
        known = VOCABULARIES[vocabulary]
        return known[value] if value in known else strangers(vocabulary)[value]

    def rules(self, language: str) -> Mapping[str, tuple[str, ...]]:
        """What a reference that is no slot may be replaced by."""
        return self._speech[language].rules


@cache
def grammar_of(task: str) -> Grammar:
    """The grammar of a task.

    Raises:
        UsageError: there is none.
    """
    return Grammar(task)


class _Words:
    """Fills a phrasing for one goal; a noun is the same throughout the sentence."""

    def __init__(
        self, grammar: Grammar, rng: np.random.Generator, language: str, goal: Goal, choices: Sequence[Goal]
    ) -> None:
        self._grammar = grammar
        self._rules, self._slots = grammar.rules(language), SLOTS[grammar.task]
        self._rng, self._language, self._goal, self._choices = rng, language, goal, choices
        self._nouns: dict[str, str] = {}

    def fill(self, template: str) -> str:
        return "".join(
            literal + (self._word(name, form) if name else "") for literal, name, form in _parts(template)
        )

    def _word(self, name: str, form: str) -> str:
        if name in self._slots:
            return self._pick(self._grammar.words(name, self._goal[name]).of(self._language, form))
        if name in self._nouns:
            return self._nouns[name]
        said = self.fill(self._pick(self._fitting(self._rules[name])))
        if not any(set(self._named(alternative)) for alternative in self._rules[name]):
            self._nouns[name] = said
        return said

    def _fitting(self, alternatives: tuple[str, ...]) -> tuple[str, ...]:
        """The alternatives that tell as much about the goal as the longest of them, in this picture."""
        every = {slot for alternative in alternatives for slot in self._named(alternative)}
        return tuple(a for a in alternatives if self._tells(set(self._named(a)), every))

    def _tells(self, said: set[str], every: set[str]) -> bool:
        alike = [c for c in self._choices if all(c[slot] == self._goal[slot] for slot in said)]
        told = all(c[slot] == self._goal[slot] for c in alike for slot in every)
        return said == every or (bool(alike) and told)

    def _named(self, template: str) -> Iterator[str]:
        return (name for _, name, _ in _parts(template) if name in self._slots)

    def _pick(self, options: tuple[str, ...]) -> str:
        return options[int(self._rng.integers(len(options)))]


@cache
def _parts(template: str) -> tuple[tuple[str, str, str], ...]:
    """Literal text with the reference behind it, "" where there is none, and the reference's form."""
    return tuple((literal, name or "", form or "") for literal, name, form, _ in Formatter().parse(template))


def _split(speech: Speech, held_out: bool) -> tuple[tuple[str, ...], ...]:
    """The groups of one side of the split; a group that is empty there is left out."""
    sides = (tuple(p for p in group if is_held_out(p) == held_out) for group in speech.groups)
    return tuple(group for group in sides if group)
