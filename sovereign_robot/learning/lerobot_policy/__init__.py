"""The student as a policy of LeRobot: `--policy.type=sovereign` for lerobot-train, -eval and -rollout.

LeRobot finds the three modules by their names. The class is registered by the distribution in
`plugins/lerobot_policy_sovereign`.
"""
