import pytest
from hypothesis import given
from hypothesis import strategies as st

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.contract.instruction import MAX_CHARACTERS, check_instruction, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Put the RED cube in the left bin.", "put the red cube in the left bin"),
        ("ｐｕｔ ｔｈｅ ｒｅｄ ｃｕｂｅ", "put the red cube"),  # full-width letters
        ("赤いｷｭｰﾌﾞを左の箱に入れて。", "赤いキューブを左の箱に入れて"),  # half-width kana
        ("赤いキューブを\u3000左の箱へ！？", "赤いキューブを 左の箱へ"),  # an ideographic space
        ("赤い キューブ を 左 の 箱 に", "赤いキューブを左の箱に"),  # as some speech recognisers write
        ("  put   the red\tcube\n", "put the red cube"),
        ("か\u3099", "が"),  # a voiced sound mark that stands alone
        ("カ\u309bラス", "ガラス"),  # and one with a width of its own
        ("赤い\u200bキュー\ufeffブ", "赤いキューブ"),  # zero-width characters
        ("赤いキュ\N{MINUS SIGN}ブ", "赤いキューブ"),
        ("トレ-に", "トレーに"),
        ("お願いしま〜す", "お願いしまーす"),
        ("お願いしま～～す", "お願いしまーす"),
        ("入れてー！", "入れて"),
        ("入れて〜。", "入れて"),
        ("すゝむ、たゞ、いすゞ、づゝ", "すすむ、ただ、いすず、づつ"),
        ("ヴァイオレット", "バイオレット"),
        ("入れてくれる？", "入れてくれる"),
        ("Left bin, please!!", "left bin, please"),
        ("入れて……", "入れて"),
    ],
)
def test_two_spellings_of_one_sentence_are_equal(one: str, other: str):
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("入れて", "入れてください"),  # polite forms belong to the encoder
        ("ハシ", "はし"),
        ("トレー", "トレ"),  # a long vowel at the end of a katakana word is part of it
        ("counter-clockwise", "counterclockwise"),  # a hyphen between letters is a hyphen
        ("a b", "ab"),
        ("人々", "人"),
    ],
)
def test_what_differs_stays_different(one: str, other: str):
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    "text", ["赤いキューブを左の箱に入れて", "left-hand tray, please", "少々お待ちを", "緑のビンー左"]
)
def test_a_plain_sentence_stays_as_it_is(text: str):
    assert normalise(text) == text


@given(
    st.text(
        st.sampled_from("aＡｚ赤い箱キｷュー゛゜ﾞﾌﾞゝゞヽヾヴァヷてＺ。.！!、,~〜～ー-−― 　\u200b\u3099々"),
        max_size=12,
    )
)
def test_a_normalised_text_stays_as_it_is(text: str):
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize("text", ["", "   ", "。", "?!...", "、、、", "12 34", "　\n\t", "\u200b", "〜〜"])
def test_a_text_without_words_is_refused_with_an_example(text: str):
    with pytest.raises(
        InstructionError, match="holds no words: say what to do, for example 'put the red cube"
    ):
        check_instruction(text)


@pytest.mark.parametrize("length", [MAX_CHARACTERS + 1, 10_000])
def test_a_text_that_is_too_long_is_refused_by_its_length_and_not_repeated(length: int):
    with pytest.raises(InstructionError) as refusal:
        check_instruction("赤" * length)

    assert f"has {length} characters, expected at most {MAX_CHARACTERS}" in str(refusal.value)
    assert len(str(refusal.value)) < 200


def test_the_longest_allowed_text_is_taken():
    assert check_instruction("a" * MAX_CHARACTERS)
