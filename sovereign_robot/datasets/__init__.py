"""LeRobot v3 in and out: written through LeRobot, checked when opened, decoded once for training"""
