"""A plan of ablations: which arms are trained and measured alike, and by which rule an arm is kept.

`common` is what every cell shares: data, training time, training seeds, scenes. Each of `ablations` is a
question with its arms (flags of `train` that differ), the baseline and the rule.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sovereign_robot.contract.config_files import read_yaml
from sovereign_robot.contract.errors import UsageError
from sovereign_robot.contract.validation import sentence

Value = bool | int | float | str | list[int | float | str] | None
Overrides = dict[Annotated[str, Field(pattern=r"^[a-z_0-9]+(\.[a-z_0-9]+)+$")], Value]
EVAL = "eval."  # overrides that begin so are flags of `eval`; all others are flags of `train`


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Part):
    """When an arm replaces the baseline.

    Attributes:
        says: the rule in words.
        metric: share of episodes that succeed, or that listen to a wrong sentence.
        gain_points: it has to be better by so much, and shown to be.
        latency_factor: one inference may take so many times the baseline's; None: however long.
    """

    says: str
    metric: Literal["success", "listened"] = "success"
    gain_points: float = 0.0
    latency_factor: float | None = None


class Arm(_Part):
    """What one arm does otherwise; its own datasets replace the common ones."""

    overrides: Overrides = {}
    datasets: tuple[str, ...] | None = None


class Scenes(_Part):
    """What is measured of every checkpoint.

    Attributes:
        tasks: names with commas between them; "all" is every task.
        episodes: of each task and split.
        seed: of the first scene; the same for every arm.
        controls: control arms of `eval`; "wrong_sentence" is needed where a rule looks at `listened`.
    """

    tasks: str = "all"
    splits: Annotated[tuple[str, ...], Field(min_length=1)] = ("layout",)
    episodes: Annotated[int, Field(gt=0)] = 50
    seed: Annotated[int, Field(ge=0)] = 0
    controls: str = ""


class Ablation(_Part):
    """One question; its own scenes replace the common ones."""

    question: str
    baseline: str
    rule: Rule
    scenes: Scenes | None = None
    arms: Annotated[dict[str, Arm], Field(min_length=2)]

    @model_validator(mode="after")
    def _has_its_baseline(self) -> Self:
        if self.baseline not in self.arms:
            raise ValueError(f"baseline {self.baseline!r} is not one of the arms {', '.join(self.arms)}")
        return self


class Common(_Part):
    """What every cell shares.

    Attributes:
        train_seconds: processor time of every training's main process, on the same machine [s].
        train_seeds: each arm is trained once with each.
        checkpoints: of each training so many of the last are measured.
    """

    datasets: Annotated[tuple[str, ...], Field(min_length=1)]
    train_seconds: Annotated[float, Field(gt=0)]
    train_seeds: Annotated[tuple[int, ...], Field(min_length=1)] = (0,)
    batch: Annotated[int, Field(gt=0)] = 128
    processes: Annotated[int, Field(gt=0)] = 2
    checkpoints: Annotated[int, Field(gt=0)] = 3
    scenes: Scenes = Scenes()
    overrides: Overrides = {}


class Plan(_Part):
    """All ablations."""

    common: Common
    ablations: Annotated[dict[str, Ablation], Field(min_length=1)]

    @model_validator(mode="after")
    def _measures_what_rules_need(self) -> Self:
        for name, ablation in self.ablations.items():
            controls = (ablation.scenes or self.common.scenes).controls
            if ablation.rule.metric == "listened" and "wrong_sentence" not in controls:
                raise ValueError(f"the rule of {name} needs wrong_sentence among the controls of its scenes")
        return self

    def only(self, names: str) -> dict[str, Ablation]:
        """The ablations in a comma-separated list; "" is every one.

        Raises:
            UsageError: one of them does not exist.
        """
        chosen = [name.strip() for name in names.split(",")] if names else list(self.ablations)
        for name in chosen:
            if name not in self.ablations:
                raise UsageError(
                    f"ablation {name!r} is not in the plan; choose one of {', '.join(self.ablations)}"
                )
        return {name: self.ablations[name] for name in chosen}

    def cells(self, ablation: Ablation, arm: Arm) -> list["Cell"]:
        """One cell for each training seed of an ablation's arm."""
        common = self.common
        return [
            Cell(
                datasets=arm.datasets or common.datasets,
                overrides={**common.overrides, **arm.overrides},
                train_seconds=common.train_seconds,
                train_seed=seed,
                batch=common.batch,
                processes=common.processes,
                checkpoints=common.checkpoints,
                scenes=ablation.scenes or common.scenes,
            )
            for seed in common.train_seeds
        ]


@dataclass(frozen=True)
class Cell:
    """One training and what is measured of it; arms of several ablations may share one."""

    datasets: tuple[str, ...]
    overrides: Mapping[str, Value]
    train_seconds: float
    train_seed: int
    batch: int
    processes: int
    checkpoints: int
    scenes: Scenes

    @property
    def key(self) -> str:
        """The same for the same settings, whatever ablation asks for them."""
        return _hash(self.as_dict())

    @property
    def train_key(self) -> str:
        """The same for the same training, whatever is measured of it."""
        settings = {k: v for k, v in self.as_dict().items() if k not in ("scenes", "checkpoints")}
        settings["overrides"] = {k: v for k, v in self.overrides.items() if not k.startswith(EVAL)}
        return _hash(settings)

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {**fields, "datasets": list(self.datasets), "scenes": self.scenes.model_dump(mode="json")}

    @property
    def train_flags(self) -> list[str]:
        """Flags of `train` for the overrides."""
        return flags(
            {k.removeprefix("train."): v for k, v in self.overrides.items() if not k.startswith(EVAL)}
        )

    @property
    def eval_flags(self) -> list[str]:
        """Flags of `eval` for the overrides."""
        return flags({k.removeprefix(EVAL): v for k, v in self.overrides.items() if k.startswith(EVAL)})


def read_plan(path: Path) -> Plan:
    """Read a plan from a YAML file.

    Raises:
        UsageError: it is missing, is not YAML, or a field is wrong; names the field.
    """
    try:
        return Plan.model_validate(read_yaml("plan", path, UsageError))
    except ValidationError as error:
        raise UsageError(f"{path}: {sentence(error, 'plan')}") from error


def flags(overrides: Mapping[str, Value]) -> list[str]:
    """Command-line flags: {"student.max_committed": 8, "student.keypoints": False} is
    ["--student.max-committed", "8", "--student.no-keypoints"]."""
    found: list[str] = []
    for key, value in overrides.items():
        name = key.replace("_", "-")
        if isinstance(value, bool):
            parent, dot, last = name.rpartition(".")
            found.append(f"--{name}" if value else f"--{parent}{dot}no-{last}")
        else:
            found += [f"--{name}", *map(str, value if isinstance(value, list) else [value])]
    return found


def _hash(settings: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:12]
