"""Slips in Japanese: lost or misspelt particles, kana for kanji, wrong conversions, other word order."""

import re
from functools import cache

import numpy as np

from sovereign_robot.sim.language.japanese import JAPANESE
from sovereign_robot.sim.language.lexicon import VOCABULARIES
from sovereign_robot.sim.language.misspelling import Edit, Letter, Slip, Spelling, doubled, lost, swapped

MIN_LETTERS = 4
_KATAKANA = re.compile("[ァ-ヺー]+")
_PARTICLE = re.compile("(?<=[一-鿿ァ-ヺー])[をはにがの](?=[一-鿿ァ-ヺーぁ-ゖ])|を(?=.)")
_SOUND = {"を": "お", "は": "わ", "へ": "え"}
KANA = {
    "赤": "あか", "青": "あお", "緑": "みどり", "黄色": "きいろ", "左": "ひだり", "右": "みぎ",
    "中央": "ちゅうおう", "手前": "てまえ", "奥": "おく", "箱": "はこ", "薬": "くすり",
    "瓶": "びん", "塔": "とう", "柱": "はしら", "円盤": "えんばん", "立方体": "りっぽうたい", "机": "つくえ",
    "穴": "あな", "棒": "ぼう", "枠": "わく", "盆": "ぼん", "水": "みず",
    "方向": "ほうこう", "回り": "まわり", "押": "お", "開け": "あけ", "閉め": "しめ",
    "入れ": "いれ", "置い": "おい", "回し": "まわし", "積ん": "つん", "重ね": "かさね", "載せ": "のせ",
    "運ん": "はこん", "持": "も", "取っ": "とっ", "触っ": "さわっ", "移し": "うつし", "次": "つぎ",
    "お願い": "おねがい", "の上に": "のうえに", "差し込": "さしこ", "動かし": "うごかし",
    "滑らせ": "すべらせ",
}  # fmt: skip
_CONVERTED = {
    "載せ": "乗せ", "開け": "空け", "閉め": "締め", "回し": "廻し", "挿し": "差し", "ください": "下さい",
    "ちょうだい": "頂戴", "ほしい": "欲しい", "もらえ": "貰え", "いただけ": "頂け", "のほう": "の方",
    "引き出し": "引出し", "差し込": "差込", "いいです": "良いです",
    "すみませんが": "すいません", "黄色い": "黄いろい", "青い": "蒼い", "真ん中": "まん中",
    "コップ": "こっぷ",
}  # fmt: skip
_TAIL = re.compile("^(?P<front>.*[をにへ])(?P<verb>[^をにへは、]{2,})$")
_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


def particle_lost(rng: np.random.Generator, text: str) -> Slip | None:
    """A particle is missing, as in speech."""
    found = _one(rng, list(_PARTICLE.finditer(text)))
    if found is None:
        return None
    return Slip(
        text[: found.start()] + text[found.end() :], text[max(0, found.start() - 1) : found.end() + 1]
    )


def particle_misspelt(rng: np.random.Generator, text: str) -> Slip | None:
    """A particle is written as it sounds."""
    found = _one(rng, [match for match in _PARTICLE.finditer(text) if match[0] in _SOUND])
    if found is None:
        return None
    changed = text[: found.start()] + _SOUND[found[0]] + text[found.end() :]
    return Slip(changed, f"{text[found.start() - 1 : found.end()]}>{_SOUND[found[0]]}")


def misspelt(rng: np.random.Generator, text: str) -> Slip | None:
    """A wrong letter in a katakana word, behind its first one."""
    found = _one(rng, [match for match in _KATAKANA.finditer(text) if len(match[0]) >= MIN_LETTERS])
    if found is None:
        return None
    letter = _LETTERS[int(rng.integers(len(_LETTERS)))]
    typed = letter(rng, found[0], 1 + int(rng.integers(len(found[0]) - 1)))
    if not _spelling().is_clear(found[0], typed):
        return None
    return Slip(text[: found.start()] + typed + text[found.end() :], f"{found[0]}>{typed}")


def in_kana(rng: np.random.Generator, text: str) -> Slip | None:
    """A word in kana that is usually written in kanji."""
    return _replaced(rng, text, KANA)


def converted(rng: np.random.Generator, text: str) -> Slip | None:
    """Another spelling of the same sound, right or wrong."""
    return _replaced(rng, text, _CONVERTED)


def in_hiragana(rng: np.random.Generator, text: str) -> Slip | None:
    """A katakana word in hiragana."""
    found = _one(rng, list(_KATAKANA.finditer(text)))
    return (
        None
        if found is None
        else Slip(text[: found.start()] + found[0].translate(_HIRAGANA) + text[found.end() :])
    )


def verb_first(rng: np.random.Generator, text: str) -> Slip | None:
    """What is to be done comes first, what with comes as an afterthought."""
    found = _TAIL.match(text)
    return None if found is None else Slip(f"{found['verb'].rstrip('？')}、{found['front']}")


def paused(rng: np.random.Generator, text: str) -> Slip | None:
    """A comma more behind a particle, or all commas left out."""
    if "、" in text and rng.random() < 0.5:
        return Slip(text.replace("、", ""))
    found = _one(rng, list(re.finditer("(?<=[をにはへ])(?![、を])(?=..)", text)))
    return None if found is None else Slip(text[: found.start()] + "、" + text[found.start() :])


def _replaced(rng: np.random.Generator, text: str, spellings: dict[str, str]) -> Slip | None:
    usual = [word for word in spellings if word in text]
    if not usual:
        return None
    word = usual[int(rng.integers(len(usual)))]
    return Slip(text.replace(word, spellings[word]))


def _one(rng: np.random.Generator, found: list[re.Match[str]]) -> re.Match[str] | None:
    return found[int(rng.integers(len(found)))] if found else None


_LETTERS: tuple[Letter, ...] = (lost, doubled, swapped)
EDITS: tuple[Edit, ...] = (
    particle_lost, particle_lost, particle_misspelt, misspelt, in_kana, in_kana, converted, in_hiragana,
    verb_first, paused,
)  # fmt: skip


@cache
def _spelling() -> Spelling:
    """All katakana words of the grammars."""
    said = [phrasing for speech in JAPANESE.values() for group in speech.groups for phrasing in group]
    said += [text for speech in JAPANESE.values() for options in speech.rules.values() for text in options]
    values = [value for vocabulary in VOCABULARIES.values() for value in vocabulary.values()]
    said += [word for value in values for form in value.ja.values() for word in form]
    return Spelling(word for text in said for word in _KATAKANA.findall(text))
