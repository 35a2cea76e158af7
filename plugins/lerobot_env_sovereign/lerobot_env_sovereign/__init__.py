"""Registers `--env.type=sovereign`; LeRobot's commands import this when they start."""

from lerobot.envs import EnvConfig

from sovereign_robot.learning.lerobot_env import SovereignEnv

EnvConfig.register_subclass("sovereign")(SovereignEnv)
