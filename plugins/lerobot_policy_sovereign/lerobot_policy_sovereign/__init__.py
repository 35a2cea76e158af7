"""Registers `--policy.type=sovereign`; LeRobot's commands import this when they start."""

from sovereign_robot.learning.lerobot_policy.configuration_sovereign import SovereignConfig
from sovereign_robot.learning.lerobot_policy.processor_sovereign import SentenceStep

__all__ = ["SentenceStep", "SovereignConfig"]
