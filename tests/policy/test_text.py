from zlib import crc32

import numpy as np
import pytest

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.policy.text import (
    FIRST,
    PADDING,
    TOKENS,
    UNKNOWN,
    character_table,
    token_ids,
    vocabulary_size,
)

ASCII, KANA, KANJI = 95, 182, 2965


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Put the RED cube in the left bin.", "put the red cube in the left bin"),
        ("赤いｷｭｰﾌﾞを左の箱に入れて。", "赤いキューブを左の箱に入れて"),
    ],
)
def test_two_spellings_of_one_sentence_have_the_same_ids(one, other):
    np.testing.assert_array_equal(token_ids(one), token_ids(other))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("put the red cube in the left bin", 1522318613),
        ("into the right-hand tray goes the yellow block", 778162602),
        ("赤いキューブを左の箱に入れて", 3273199887),
        ("右側のトレイへ緑色の立方体を運んでください", 985474150),
    ],
)
def test_the_ids_are_those_that_exported_policies_know(text, ids):
    known = token_ids(text)[0]

    assert crc32(known[known != PADDING].tobytes()) == ids
    assert (known[len(text) :] == PADDING).all()


def test_two_sentences_differ():
    texts = (
        "put the red cube in the left bin",
        "put the red cube in the right bin",
        "赤いキューブを左の箱に",
    )

    assert len({token_ids(text).tobytes() for text in texts}) == len(texts)


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


@pytest.mark.parametrize("text", ["", "。", "12 34"])
def test_a_text_without_words_has_no_ids(text):
    with pytest.raises(InstructionError, match="holds no words"):
        token_ids(text)
