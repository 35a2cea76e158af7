"""When two spellings are one sentence: normal form of an instruction, the same for every encoder and grammar.

Folded: Unicode NFKC (full and half width, half-width kana), sound marks that stand alone, letter case, spaces
(none between Japanese characters), invisible characters, closing punctuation, dashes and waves used as a long
vowel, kana iteration marks, and the spellings with ヴ.

Kept: polite and plain forms, which the encoder has to know; 々, which is how such words are written; hiragana
and katakana, because はし and ハシ differ, and because a trained encoder knows キューブ by these characters.
"""

import re
import unicodedata

from sovereign_robot.contract.errors import InstructionError

MAX_CHARACTERS = 200

_HIRAGANA, _KATAKANA = "ぁ-ゖ", "ァ-ヺ"
_KANA = _HIRAGANA + _KATAKANA
_JAPANESE = _KANA + "ゝゞヽヾー、。々一-鿿"
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_MARKS_ALONE = str.maketrans({"\u309b": "\u3099", "\u309c": "\u309a"})  # NFKC would put a space before them
_STRAY = re.compile("[\u3099\u309a]")
_SPACE = re.compile(rf"(?<=[{_JAPANESE}]) (?=[{_JAPANESE}])")
_LONG = re.compile(rf"(?<=[{_KANA}])[-~〜ー‐‑‒–—―−]+(?![^{_JAPANESE}])")
_IS_JAPANESE = re.compile(f"[{_KANA}一-鿿]")
_ITERATION = re.compile(rf"([{_KANA}])([ゝゞヽヾ]+)")
_VU = {"ヴァ": "バ", "ヴィ": "ビ", "ヴェ": "ベ", "ヴォ": "ボ", "ヴ": "ブ", "ゔ": "ぶ"}
_VU |= {"ヷ": "バ", "ヸ": "ビ", "ヹ": "ベ", "ヺ": "ボ"}
_TAIL = re.compile(rf"(?:[。.!?、,~〜 ]|(?<=[{_HIRAGANA}])ー)+$")


def normalise(text: str) -> str:
    """The form in which two spellings of one sentence are equal."""
    text = _INVISIBLE.sub("", text).translate(_MARKS_ALONE)
    text = _STRAY.sub("", unicodedata.normalize("NFKC", text).lower())
    text = _ITERATION.sub(_repeat, _SPACE.sub("", " ".join(text.split())))
    for spelling, usual in _VU.items():
        text = text.replace(spelling, usual)
    return _TAIL.sub("", _LONG.sub("ー", _TAIL.sub("", text)))


def check_instruction(text: str) -> str:
    """Normalise an instruction, or refuse it.

    Raises:
        InstructionError: empty, without letters, or longer than MAX_CHARACTERS.
    """
    if len(text) > MAX_CHARACTERS:
        raise InstructionError(
            f"the instruction has {len(text)} characters, expected at most {MAX_CHARACTERS}: "
            "say it in one sentence"
        )
    normal = normalise(text)
    if not any(character.isalpha() for character in normal):
        raise InstructionError(
            f"the instruction {text!r} holds no words: "
            "say what to do, for example 'put the red cube in the left bin'"
        )
    return normal


def unfamiliar(text: str, familiarity: float, threshold: float) -> str:
    """Why a sentence that nobody taught is not followed, in its own language."""
    if _IS_JAPANESE.search(text):
        return (
            f"指示「{text}」は、このポリシーが習ったことの中にありません (既知度 {familiarity:.2f}、"
            f"必要なのは {threshold:.2f} 以上)。アームは止まって待ちます。"
            "「赤いキューブを左の箱に入れて」のように言い換えてください"
        )
    return (
        f"the instruction {text!r} is like nothing that this policy learnt (familiarity {familiarity:.2f}, "
        f"expected {threshold:.2f} or more): the arm holds; say it in other words, "
        "for example 'put the red cube in the left bin'"
    )


def _repeat(found: re.Match[str]) -> str:
    """A kana and the marks that repeat it, plain or voiced: すゝ is すす, すゞ is すず."""
    plain = unicodedata.normalize("NFD", found[1])[0]
    voiced = unicodedata.normalize("NFC", plain + "\u3099")[:1]
    return found[1] + "".join(voiced if mark in "ゞヾ" else plain for mark in found[2])
