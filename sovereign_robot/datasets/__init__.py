"""LeRobot v3 in and out: episodes written through LeRobot itself, checked when opened, decoded once."""
