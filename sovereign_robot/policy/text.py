"""Instructions as character ids: one table for Japanese and English, no tokenizer to download.

The table is ASCII, kana and the level-1 kanji of JIS X 0208 (rows 16 to 47, 2,965 characters), in that
order, so the same sentence gives the same ids on every machine, in every spelling that
`contract/instruction.py` takes for the same.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from sovereign_robot.contract.instruction import check_instruction

PADDING, UNKNOWN, FIRST = 0, 1, 2
TOKENS = 112


@cache
def character_table() -> str:
    """Every known character; its index plus FIRST is its id."""
    ascii_ = "".join(chr(code) for code in range(0x20, 0x7F))
    kana = "".join(chr(code) for code in (*range(0x3041, 0x3097), *range(0x30A1, 0x30FF), 0x3001, 0x3005))
    kanji = "".join(_jis(row, cell) for row in range(16, 48) for cell in range(1, 95))
    return ascii_ + kana + kanji


def token_ids(text: str) -> NDArray[np.int64]:
    """(1, TOKENS) character ids of an instruction, padded with 0.

    Raises:
        InstructionError: see `check_instruction`.
    """
    ids = np.full((1, TOKENS), PADDING, dtype=np.int64)
    known = _ids()
    for i, character in enumerate(check_instruction(text)[:TOKENS]):
        ids[0, i] = known.get(character, UNKNOWN)
    return ids


def vocabulary_size() -> int:
    """Number of ids."""
    return len(character_table()) + FIRST


@cache
def _ids() -> dict[str, int]:
    return {character: FIRST + i for i, character in enumerate(character_table())}


def _jis(row: int, cell: int) -> str:
    """The character at a row and cell of JIS X 0208, through its EUC-JP bytes; "" where there is none."""
    return bytes([0xA0 + row, 0xA0 + cell]).decode("euc_jp", errors="ignore")
