"""What a kind of work is: things, layouts, goals, success, progress, and the expert that shows it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from sovereign_robot.contract.types import Array
from sovereign_robot.sim.hand import Hand
from sovereign_robot.sim.scene import Goal, Layout, Scene
from sovereign_robot.sim.world import Prop
from sovereign_robot.sim.world_state import WorldState

Colour = Literal["red", "blue", "green", "yellow"]
COLOURS: tuple[Colour, ...] = ("red", "blue", "green", "yellow")
Attention = tuple[Array, Array]


class Task(BaseModel, ABC):
    """One kind of work; its fields are what a person may change in a YAML file.

    Attributes:
        name: how it is called in commands, datasets and reports.
        slots: values by slot of a goal; a pair of values of the first two is a combination.
        hold_s: how long success must last before it counts [s].
        timeout_s: when an episode ends at the latest [s].
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    slots: ClassVar[dict[str, tuple[str, ...]]]
    hold_s: ClassVar[float] = 0.2
    timeout_s: ClassVar[float] = 14.0

    @abstractmethod
    def props(self) -> Mapping[str, Prop]:
        """All that the world holds; a scene places some, the others are out of sight."""

    @abstractmethod
    def layout(self, rng: np.random.Generator) -> Layout:
        """Draw a picture and the goals that it leaves open."""

    @abstractmethod
    def in_place(self, world: WorldState, goal: Goal) -> bool:
        """Whether the goal is reached at this instant."""

    @abstractmethod
    def progress(self, world: WorldState, scene: Scene) -> float:
        """How far the work is, 0 at the beginning .. 1."""

    @abstractmethod
    def attention(self, world: WorldState, goal: Goal) -> Attention:
        """Where one has to look: the thing that is handled and the place it comes to, (3,) each [m].

        Both are the same where the work is done on the spot. It teaches a student what the words mean in a
        picture; no policy is told it when it acts.
        """

    @abstractmethod
    def plan(self, hand: Hand, world: WorldState, goal: Goal) -> None:
        """The expert: lead the hand from any state of the world to the goal.

        It decides only by what a camera could see, so that a student can imitate it, also from states
        that the student reached by mistake. It is called again when its plan ended without success.
        """

    def spoilt(self, world: WorldState, goal: Goal) -> bool:
        """Whether something was done that the sentence did not ask for; such an episode cannot succeed."""
        return False

    def combinations(self, goal: Goal) -> tuple[tuple[int, int], ...]:
        """The pairs of slot values that a goal puts together, as indices into `slots`."""
        (first, firsts), (second, seconds), *_ = self.slots.items()
        return ((firsts.index(goal[first]), seconds.index(goal[second])),)

    def is_held_out(self, goal: Goal) -> bool:
        """Whether a goal's combination is one that training never shows: a diagonal of all pairs."""
        return any((i + j) % 4 == 3 for i, j in self.combinations(goal))
