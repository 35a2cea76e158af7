import re
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np
import pytest

from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.instruction import normalise
from sovereign_robot.policy.text import TOKENS, UNKNOWN, token_ids
from sovereign_robot.sim.language.grammar import LANGUAGES, Grammar, grammar_of, is_held_out
from sovereign_robot.sim.language.lexicon import SLOTS
from sovereign_robot.sim.tasks.registry import TASKS

TASK_NAMES = tuple(SLOTS)
FIXTURES = ("press_button", "open_drawer", "close_drawer")
PICTURE = tuple(
    {"colour": c, "place": p} for c, p in (("red", "left"), ("blue", "middle"), ("green", "right"))
)


def sentences(task: str, language: str, held_out: bool, count: int) -> Iterator[tuple[dict[str, str], str]]:
    """Random goals and what is said for them; drawers and buttons stand in a picture of three."""
    grammar, rng = grammar_of(task), np.random.default_rng(crc32(f"{task}{language}{held_out}".encode()))
    goals = PICTURE if task in FIXTURES else grammar.goals()
    for _ in range(count):
        goal = goals[int(rng.integers(len(goals)))]
        choices = PICTURE if task in FIXTURES else ()
        yield goal, grammar.sentence(rng, language, goal, held_out, choices)


def words(texts: Iterable[str]) -> set[str]:
    """Words that occur; of hiragana, which no space divides, every pair of characters."""
    found: set[str] = set()
    for text in texts:
        literal = re.sub(r"\{[a-z0-9_:]*\}", " ", text.lower())
        found |= set(re.findall(r"[a-z'-]+|[一-龯々]+|[ァ-ヴー]+", literal))
        found |= {run[i : i + 2] for run in re.findall("[ぁ-ん]+", literal) for i in range(len(run) - 1)}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASK_NAMES)
def test_each_task_has_forty_phrasings_and_more_of_which_about_a_fifth_is_held_out(task: str, language: str):
    train, held_out = (grammar_of(task).phrasings(language, side) for side in (False, True))
    everything = [*train, *held_out]

    assert len(everything) >= 40
    assert 0.1 < len(held_out) / len(everything) < 0.3
    assert len({normalise(phrasing) for phrasing in everything}) == len(everything)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASK_NAMES)
def test_no_word_is_only_in_held_out_phrasings(task: str, language: str):
    grammar = grammar_of(task)
    nouns = [noun for alternatives in grammar.rules(language).values() for noun in alternatives]

    known = words([*grammar.phrasings(language, False), *nouns])
    assert words(grammar.phrasings(language, True)) <= known


def test_a_phrasing_is_held_out_or_not_in_every_task():
    sides = {
        held_out: {
            p for task in TASK_NAMES for lang in LANGUAGES for p in grammar_of(task).phrasings(lang, held_out)
        }
        for held_out in (False, True)
    }

    assert not sides[False] & sides[True]
    assert not is_held_out("{thing}を{place}に入れて")
    assert is_held_out("{thing}を{place}に入れてね")
    assert not is_held_out("put {thing} in {place}")
    assert is_held_out("please put {thing} in {place}")


def test_the_wording_is_the_one_that_seeds_of_scenes_were_drawn_with():
    grammars = [grammar_of(task) for task in TASK_NAMES]
    every = [
        p for g in grammars for lang in LANGUAGES for side in (False, True) for p in g.phrasings(lang, side)
    ]

    assert crc32("\n".join(every).encode()) == 1650535677, "a change of wording changes what every scene says"


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASK_NAMES)
def test_every_sentence_is_understood_and_reaches_the_encoder_whole(task: str, language: str, held_out: bool):
    for goal, text in sentences(task, language, held_out, 100):
        choices = PICTURE if task in FIXTURES else None
        assert grammar_of(task).goal_of(text, choices) == goal, text
        assert UNKNOWN not in token_ids(text), text
        assert len(normalise(text)) <= TOKENS, text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", TASK_NAMES)
def test_training_never_says_what_is_held_out(task: str, language: str):
    train, held_out = (
        {normalise(t) for _, t in sentences(task, language, side, 150)} for side in (False, True)
    )

    assert not train & held_out


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_same_seed_says_the_same(task: str):
    grammar = grammar_of(task)
    goal = grammar.goals()[0]

    for language in LANGUAGES:
        one, other = (grammar.sentence(np.random.default_rng(3), language, goal, False) for _ in range(2))
        assert one == other


@pytest.mark.parametrize("task", sorted(TASKS))
def test_a_task_and_its_grammar_have_the_same_slots(task: str):
    assert grammar_of(task).slots == TASKS[task].slots


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", ["place_in_bin", "stack", "push_to_zone", "insert_peg", "bring_to_tray"])
def test_either_argument_may_come_first(task: str, language: str):
    thing, place = ("thing", "base") if task == "stack" else ("thing", "place")
    orders = {
        phrasing.index(f"{{{thing}}}") < phrasing.index(f"{{{place}}}")
        for phrasing in grammar_of(task).phrasings(language, False)
        if f"{{{thing}}}" in phrasing and f"{{{place}}}" in phrasing
    }

    assert orders == {True, False}


def test_either_half_of_two_comes_first():
    said = [text for _, text in sentences("sort_two", "en", False, 60)]
    firsts = {t.index("red") < t.index("blue") for t in said if "red" in t and "blue" in t}

    assert firsts == {True, False}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", FIXTURES)
def test_a_fixture_is_named_by_colour_by_place_and_by_both(task: str, language: str):
    said = {tuple(sorted(grammar_of(task).goal_of(text))) for _, text in sentences(task, language, False, 60)}

    assert said == {("colour",), ("place",), ("colour", "place")}


def test_what_the_picture_does_not_tell_is_said():
    goal, twin = {"colour": "red", "place": "left"}, {"colour": "red", "place": "right"}
    rng = np.random.default_rng(0)
    grammar = grammar_of("open_drawer")

    for _ in range(60):
        assert "place" in grammar.goal_of(grammar.sentence(rng, "en", goal, False, [goal, twin]))
        assert grammar.goal_of(grammar.sentence(rng, "ja", goal, False)) == goal


def test_a_noun_is_the_same_throughout_a_sentence():
    for _, text in sentences("sort_two", "ja", False, 100):
        assert sum(noun in text for noun in ("箱", "ビン", "トレイ", "ケース")) <= 1, text


@pytest.mark.parametrize("task", TASK_NAMES)
def test_the_goals_of_a_task_are_those_that_a_picture_can_leave_open(task: str):
    goals = grammar_of(task).goals()

    assert len({tuple(goal.items()) for goal in goals}) == len(goals) >= 6
    assert all(goal["colour"] != goal["onto"] for goal in goals if "onto" in goal)
    assert all((goal["bin"], goal["other_bin"]) == ("left", "right") for goal in goals if "other" in goal)


def test_a_task_without_wording_is_refused_with_those_that_have_one():
    with pytest.raises(UsageError, match="task 'juggle' has no wording; it has to be one of reach, lift"):
        Grammar("juggle")
