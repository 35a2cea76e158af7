import pytest

from sovereign_robot.contract.errors import InstructionError
from sovereign_robot.sim.language.grammar import grammar_of

PICTURE = [{"colour": "red", "place": "left"}, {"colour": "blue", "place": "right"}]
RED_LEFT = {"colour": "red", "bin": "left", "other": "blue", "other_bin": "right"}


def goal(task: str, text: str, *choices: dict[str, str]) -> dict[str, str]:
    return dict(grammar_of(task).goal_of(text, choices or None))


@pytest.mark.parametrize(
    ("text", "colour", "bin_"),
    [
        ("赤いキューブを左の箱に入れて", "red", "left"),
        ("右側のトレイへ緑色の立方体を運んでください。", "green", "right"),
        ("黄のブロックはまんなかのビンにお願いします", "yellow", "middle"),
        ("みどりのブロックを左にある箱にしまって", "green", "left"),
        ("Put the RED cube in the left-hand bin.", "red", "left"),
        ("ＰＵＴ ＴＨＥ ＲＥＤ ＣＵＢＥ in the Left bin", "red", "left"),
        ("into the centre tray goes the yellow block", "yellow", "middle"),
        ("赤を左", "red", "left"),
        ("赤いキューブを左の箱に、赤いキューブですよ", "red", "left"),
    ],
)
def test_words_tell_the_goal_whatever_the_grammar(text: str, colour: str, bin_: str):
    assert goal("place_in_bin", text) == {"colour": colour, "bin": bin_}


@pytest.mark.parametrize(
    "text",
    [
        "赤いキューブを青いキューブの上に載せて",
        "青いブロックの上に赤いブロックを載せるようにお願いします",
        "青いのに赤いのを重ねて",
        "赤は青の上",
        "put the red cube on top of the blue one",
        "on the blue block, please stack the red one",
        "take hold of the red cube and set it onto the blue cube",
    ],
)
def test_a_stack_has_its_upper_and_its_lower_cube(text: str):
    assert goal("stack", text) == {"colour": "red", "onto": "blue"}


@pytest.mark.parametrize(
    "text",
    [
        "red left, blue right",
        "blue right, red left",
        "put the blue cube in the right bin and the red one in the left one",
        "右の箱に青を、左の箱に赤を入れて",
        "赤いのは左、青いのは右に分けてください",
    ],
)
def test_two_halves_say_the_same_in_either_order(text: str):
    assert goal("sort_two", text) == RED_LEFT
    assert goal("sort_two", text, RED_LEFT, {**RED_LEFT, "other": "green"}) == RED_LEFT


def test_the_picture_completes_what_is_not_said():
    assert goal("press_button", "赤いのを押して") == {"colour": "red"}
    assert goal("press_button", "press the one on the right") == {"place": "right"}
    assert goal("press_button", "赤いのを押して", *PICTURE) == PICTURE[0]
    assert goal("press_button", "press the one on the right", *PICTURE) == PICTURE[1]


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("反時計回りに赤いつまみを回して", "left"),
        ("赤いつまみを時計回りに", "right"),
        ("turn the red knob counter-clockwise", "left"),
        ("turn the red knob clockwise", "right"),
        ("turn the red knob anticlockwise", "left"),
    ],
)
def test_a_word_inside_a_longer_one_is_not_heard(text: str, way: str):
    assert goal("turn_knob", text) == {"colour": "red", "way": way}


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "put the red cube away",
        "put the red and the blue cube in the left bin",
        "紫のキューブを左の箱に",
        "put the redcurrant in the leftover bin",
    ],
)
def test_a_sentence_without_one_goal_is_refused_with_what_there_is(text: str):
    with pytest.raises(InstructionError) as refusal:
        goal("place_in_bin", text)

    assert "one colour (red, blue, green, yellow) and one bin (left, middle, right)" in str(refusal.value)
    assert "for example '" in str(refusal.value)


@pytest.mark.parametrize(
    ("task", "text"),
    [
        ("stack", "put the red cube on the red cube"),
        ("stack", "red cube, blue cube"),
        ("stack", "put the red cube on the table"),
        ("sort_two", "red left, blue left"),
        ("sort_two", "red left, red right"),
        ("sort_two", "red left"),
        ("press_button", "press the button"),
        ("press_button", "press the red and the blue button"),
    ],
)
def test_half_a_goal_or_two_are_refused(task: str, text: str):
    with pytest.raises(InstructionError, match="of what there is, expected one"):
        goal(task, text)


@pytest.mark.parametrize("text", ["press the green button", "press the red button on the right"])
def test_what_the_picture_does_not_hold_is_refused_with_what_it_holds(text: str):
    with pytest.raises(InstructionError, match=r"fits 0 of the goals .* ask for one of red left; blue right"):
        goal("press_button", text, *PICTURE)


def test_what_fits_two_goals_of_the_picture_is_refused():
    with pytest.raises(InstructionError, match="fits 2 of the goals"):
        goal("press_button", "press the red button", *PICTURE, {"colour": "red", "place": "middle"})
