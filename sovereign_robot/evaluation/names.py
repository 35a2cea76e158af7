"""What a report calls the words of tasks, splits and arms, in English and Japanese."""

from html import escape

from sovereign_robot.evaluation.page import LANGUAGE_NAMES, both

NAMES = {
    **LANGUAGE_NAMES,
    "language": ("language", "言語"),
    "colour": ("colour", "色"),
    "bin": ("bin", "箱"),
    "kind": ("kind", "種類"),
    "onto": ("onto", "下のもの"),
    "zone": ("zone", "ゾーン"),
    "place": ("place", "場所"),
    "hole": ("hole", "穴"),
    "way": ("way", "向き"),
    "tray": ("tray", "トレイ"),
    "other": ("other", "もう一つ"),
    "other_bin": ("other bin", "もう一つの箱"),
    "train": ("train", "学習"),
    "layout": ("layout", "配置"),
    "phrase": ("phrase", "言い回し"),
    "combo": ("combo", "組み合わせ"),
    "visual": ("visual", "見た目"),
    "clutter": ("clutter", "雑多な物"),
    "typo": ("typing slips", "打ち間違い"),
    "expert": ("expert", "エキスパート"),
    "still": ("does nothing", "何もしない"),
    "wrong_sentence": ("wrong sentence", "違う指示"),
    "listened": ("listens", "指示に従う"),
    "wrong thing": ("did another thing", "別のことをした"),
    "not begun": ("not begun", "始まらない"),
    "under way": ("under way", "途中"),
    "lost again": ("lost again", "失った"),
    "at the end": ("at the end", "最後"),
}


def name_of(word: str) -> str:
    """The word in both languages as HTML; one that has no name stays as it is."""
    return both(*NAMES[word]) if word in NAMES else escape(word)
