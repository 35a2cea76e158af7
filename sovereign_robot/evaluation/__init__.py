"""rollouts, seeds, statistics and reports: what a policy is worth, always with its interval and its seeds"""
