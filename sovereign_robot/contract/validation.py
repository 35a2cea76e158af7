"""What pydantic found wrong with a file, as one sentence that names each field and the value it got."""

from pydantic import ValidationError


def sentence(error: ValidationError, whole: str) -> str:
    """Every finding as "field: what is wrong", joined by semicolons.

    Args:
        error: what validation raised.
        whole: name of the thing itself, for findings that belong to no single field.
    """
    parts = []
    for detail in error.errors():
        field = ".".join(str(part) for part in detail["loc"]) or whole
        parts.append(f"{field}: {_finding(detail['type'], detail['msg'], detail['input'])}")
    return "; ".join(parts)


def _finding(kind: str, message: str, value: object) -> str:
    if kind == "extra_forbidden":
        return "is not a known key"
    if kind == "missing":
        return "is missing"
    if kind == "model_type":
        return f"must be a mapping of keys to values, got {type(value).__name__}"
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return (
        f"{message}, got {value!r}"
        if value is None or isinstance(value, bool | int | float | str)
        else message
    )
