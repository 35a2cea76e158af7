"""Field types of the data that people write about a robot: numbers that are finite, names, frozen parts."""

import math
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


Finite = Annotated[float, Field(strict=True), AfterValidator(_finite)]
Positive = Annotated[float, Field(strict=True, gt=0), AfterValidator(_finite)]
NotNegative = Annotated[float, Field(strict=True, ge=0), AfterValidator(_finite)]
Share = Annotated[float, Field(strict=True, gt=0, le=1), AfterValidator(_finite)]
Pixels = Annotated[int, Field(strict=True, gt=0, le=8192)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class Part(BaseModel):
    """A frozen piece of a contract; a key that it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")
