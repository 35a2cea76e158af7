"""How many weights an ONNX file stores, and its opset; read from its bytes: a robot has no `onnx` package.

The file is one protobuf message. Read are ModelProto.graph (7) and .opset_import (8), GraphProto.initializer
(5), TensorProto.dims (1) and .data_type (2), OperatorSetIdProto.domain (1) and .version (2).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sovereign_robot.contract.errors import CheckpointError

VARINT, FIXED_64, BYTES, FIXED_32 = 0, 1, 2, 5
# What is neither a shape nor a switch: int64 (7), text (8) and bool (9) are no weights.
NO_WEIGHT = (7, 8, 9)


@dataclass(frozen=True, slots=True)
class Stored:
    """What an ONNX file holds.

    Attributes:
        weights: numbers that the graph stores, of any width.
        opset: version of the standard operators; 0 where only others are used.
    """

    weights: int
    opset: int


def read_stored(path: Path) -> Stored:
    """Count.

    Raises:
        CheckpointError: the file is no protobuf message.
    """
    weights = opset = 0
    try:
        for number, value in _fields(memoryview(path.read_bytes())):
            if number == 7 and isinstance(value, memoryview):
                weights += sum(_size(v) for n, v in _fields(value) if n == 5 and isinstance(v, memoryview))
            elif number == 8 and isinstance(value, memoryview):
                opset = _standard_version(value) or opset
    except (IndexError, ValueError) as error:
        raise CheckpointError(f"policy file {path} is no ONNX file: export the policy again") from error
    return Stored(weights, opset)


def _size(tensor: memoryview) -> int:
    """Number of entries of a TensorProto that holds weights."""
    dims: list[int] = []
    for number, value in _fields(tensor):
        if number == 2 and value in NO_WEIGHT:
            return 0
        if number == 1:
            dims += [value] if isinstance(value, int) else _packed(value)
    return math.prod(dims)


def _standard_version(opset: memoryview) -> int:
    """The version in an OperatorSetIdProto; 0 when it is of another domain than the standard one."""
    fields = dict(_fields(opset))
    domain, version = fields.get(1, memoryview(b"")), fields.get(2, 0)
    is_standard = isinstance(domain, memoryview) and bytes(domain) in (b"", b"ai.onnx")
    return version if is_standard and isinstance(version, int) else 0


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(field number, value) of a message; text, bytes and messages come as bytes."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        length, at = _varint(data, at) if kind == BYTES else ({FIXED_64: 8, FIXED_32: 4}.get(kind, 0), at)
        if number == 0 or (kind != BYTES and not length) or at + length > len(data):
            raise ValueError(f"field {number} of kind {kind} and {length} bytes at {at}")
        yield number, data[at : at + length]
        at += length


def _packed(data: memoryview) -> list[int]:
    values, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        values.append(value)
    return values


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    """A number of 7 bits a byte, lowest first, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value, at, shift = value | (byte & 0x7F) << shift, at + 1, shift + 7
        if byte < 0x80:
            return value, at
