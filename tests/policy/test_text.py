import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.policy.text import (
    FIRST,
    MAX_CHARACTERS,
    PADDING,
    TOKENS,
    UNKNOWN,
    character_table,
    check_instruction,
    normalise,
    token_ids,
    vocabulary_size,
)

ASCII, KANA, KANJI = 95, 182, 2965


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Put the RED cube in the left bin.", "put the red cube in the left bin"),
        ("ｐｕｔ ｔｈｅ ｒｅｄ ｃｕｂｅ", "put the red cube"),  # full-width letters
        ("赤いｷｭｰﾌﾞを左の箱に入れて。", "赤いキューブを左の箱に入れて"),  # half-width kana
        ("赤いキューブを\u3000左の箱へ！？", "赤いキューブを 左の箱へ"),  # an ideographic space
        ("  put   the red\tcube\n", "put the red cube"),
        ("か\u3099", "が"),  # a voiced sound mark that stands alone
    ],
)
def test_two_spellings_of_one_sentence_are_equal(one, other):
    assert normalise(one) == normalise(other)
    np.testing.assert_array_equal(token_ids(one), token_ids(other))


def test_two_sentences_differ():
    texts = (
        "put the red cube in the left bin",
        "put the red cube in the right bin",
        "赤いキューブを左の箱に",
    )

    assert len({token_ids(text).tobytes() for text in texts}) == len(texts)


@given(st.text(st.sampled_from(character_table() + "ＡｚｷﾞﾌﾞＺ。！　"), max_size=40))
def test_a_normalised_text_stays_as_it_is(text):
    assert normalise(normalise(text)) == normalise(text)


def test_the_table_is_ascii_kana_and_the_level_1_kanji_without_a_character_twice():
    table = character_table()

    assert len(table) == ASCII + KANA + KANJI
    assert len(set(table)) == len(table)
    assert vocabulary_size() == len(table) + FIRST
    assert table[ASCII + KANA] == "亜"
    assert table[-1] == "腕"
    assert {*"赤青緑黄左中右箱入置運ーァンぁん、々"} <= set(table)


def test_ids_are_padded_behind_and_unknown_characters_say_so():
    ids = token_ids("cube 𓀀 x")[0]

    assert ids.shape == (TOKENS,)
    assert ids.dtype == np.int64
    assert [*ids[:5]] == [FIRST + character_table().index(c) for c in "cube "]
    assert ids[5] == UNKNOWN
    assert (ids[8:] == PADDING).all()


def test_a_long_sentence_is_cut_at_the_width_of_the_encoder():
    assert (token_ids("go " * 60)[0] != PADDING).all()


@pytest.mark.parametrize("text", ["", "   ", "。", "?!...", "、、、", "12 34", "　\n\t"])
def test_a_text_without_words_is_refused_with_an_example(text):
    with pytest.raises(
        InstructionError, match="holds no words: say what to do, for example 'put the red cube"
    ):
        token_ids(text)


@pytest.mark.parametrize("length", [MAX_CHARACTERS + 1, 10_000])
def test_a_text_that_is_too_long_is_refused_by_its_length_and_not_repeated(length):
    with pytest.raises(InstructionError) as refusal:
        check_instruction("赤" * length)

    assert f"has {length} characters, expected at most {MAX_CHARACTERS}" in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_the_longest_allowed_text_is_taken():
    assert check_instruction("a" * MAX_CHARACTERS)
