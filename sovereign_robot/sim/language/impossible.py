"""Sentences of training that ask for nothing that can be done: written ones, and spoilt ones of the grammars.

A spoilt sentence looks like one of the grammars but for a word: a verb, a noun, a "not", or a colour that
is left out where there are several: as near to what can be done as a sentence may come.
"""

import re
from collections.abc import Callable

import numpy as np

from sovereign_robot.sim.language.lexicon import COLOUR, EITHER, SLOTS
from sovereign_robot.sim.language.strangers import strangers
from sovereign_robot.sim.language.unheard import TAUGHT

Spoil = Callable[[np.random.Generator, str], str]  # gives the sentence back where it cannot be spoilt so

WRITTEN_SHARE = 0.4
NOISE_SHARE = 0.08
_VERBS_EN = re.compile(
    r"\b(put|place|drop|move|take|bring|carry|set|push|slide|press|insert|fit|turn|rotate|twist|lift|raise|touch|tap"
    r"|open|close|shut|lay|sort|stack|pick up|pull|hit|reach for|nudge)\b"
)
_OTHER_VERBS_EN = (
    "eat", "paint", "wash", "break", "photograph", "buy", "sell", "count", "throw", "kick", "melt", "draw",
    "describe", "forget", "burn", "drink", "glue", "weigh", "hate",
)  # fmt: skip
_VERBS_JA = re.compile(
    "(入れ|しまっ|置い|移し|載せ|のせ|押し|ずらし|寄せ|開け|引い|閉め|閉じ|差し込ん|挿し|回し|ひねっ|持ち上げ|上げ"
    "|触っ|タッチし|触れ|分け|仕分け|運ん|積ん|重ね|動かし|滑らせ|持ってき)(?=て|で|る)"
)
_OTHER_VERBS_JA = (
    "食べ", "塗っ", "洗っ", "壊し", "撮っ", "買っ", "売っ", "数え", "投げ", "蹴っ", "溶かし", "描い", "忘れ",
    "燃やし", "なめ", "測っ", "捨て",
)  # fmt: skip
_NOT_JA = {
    "入れて": "入れないで", "置いて": "置かないで", "移して": "移さないで", "載せて": "載せないで",
    "押して": "押さないで", "寄せて": "寄せないで", "開けて": "開けないで", "引いて": "引かないで",
    "閉めて": "閉めないで", "閉じて": "閉じないで", "差し込んで": "差し込まないで", "挿して": "挿さないで",
    "回して": "回さないで", "上げて": "上げないで", "触って": "触らないで", "運んで": "運ばないで",
    "重ねて": "重ねないで", "積んで": "積まないで", "動かして": "動かさないで", "分けて": "分けないで",
}  # fmt: skip
_NOUNS_EN = re.compile(
    r"\b(cube|block|bin|box|tray|zone|area|square|button|drawer|peg|pin|rod|hole|socket|knob|dial)\b"
)
_NOUNS_JA = re.compile(
    "キューブ|ブロック|立方体|箱|ビン|トレイ|ケース|エリア|枠|ゾーン|ボタン|引き出し|ひきだし|ピン|棒|穴|つまみ|ノブ|ダイヤル"
)
_COLOURS = re.compile(
    "|".join(
        [rf"\b{word} (?=[a-z])" for words in COLOUR.values() for word in words.en[""]]
        + sorted((word for words in COLOUR.values() for word in words.ja[""]), key=len, reverse=True)
    )
)
_NOT_EN = ("don't", "do not", "never", "you must not")
_LETTERS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもらりるれろん",
)


def impossible(rng: np.random.Generator, text: str, task: str) -> str:
    """A sentence that asks for nothing that can be done.

    Args:
        rng: decides the kind.
        text: a sentence of a grammar, which may be spoilt.
        task: the task of that grammar.
    """
    kind = rng.random()
    if kind < NOISE_SHARE:
        return _noise(rng)
    spoils: list[Spoil] = [_other_verb, _other_verb, _not]
    if "kind" not in SLOTS[task]:
        spoils.append(
            _other_noun
        )  # of a task with a choice of things it would be a stranger (`strangers.py`)
    if set(SLOTS[task]) != EITHER:
        spoils.append(_without_colour)  # a fixture's place alone may tell
    if kind > NOISE_SHARE + WRITTEN_SHARE:
        for _ in range(4):
            spoilt = spoils[int(rng.integers(len(spoils)))](rng, text)
            if spoilt != text:
                return spoilt
    return TAUGHT[int(rng.integers(len(TAUGHT)))]


def _other_verb(rng: np.random.Generator, text: str) -> str:
    """Something is to be done that no task does."""
    pattern, others = (_VERBS_EN, _OTHER_VERBS_EN) if text.isascii() else (_VERBS_JA, _OTHER_VERBS_JA)
    other = others[int(rng.integers(len(others)))]
    return pattern.sub(other, text)


def _other_noun(rng: np.random.Generator, text: str) -> str:
    """A place or a thing that there is not, where no task has a choice of things."""
    found = list((_NOUNS_EN if text.isascii() else _NOUNS_JA).finditer(text))
    if not found:
        return text
    chosen = found[int(rng.integers(len(found)))]
    things = list(strangers("shape").values())
    words = things[int(rng.integers(len(things)))]
    return text[: chosen.start()] + words.of("en" if text.isascii() else "ja", "")[0] + text[chosen.end() :]


def _not(rng: np.random.Generator, text: str) -> str:
    """It must not be done."""
    if text.isascii():
        found = _VERBS_EN.match(text)
        return f"{_NOT_EN[int(rng.integers(len(_NOT_EN)))]} {text}" if found else text
    for said, forbidden in _NOT_JA.items():
        text = text.replace(said, forbidden)
    return text


def _without_colour(rng: np.random.Generator, text: str) -> str:
    """One of several is meant, and nobody says which."""
    return _COLOURS.sub("", text)


def _noise(rng: np.random.Generator) -> str:
    """Letters in any order."""
    letters = _LETTERS[int(rng.integers(len(_LETTERS)))]
    return "x" + "".join(letters[int(i)] for i in rng.integers(len(letters), size=int(rng.integers(2, 30))))
