"""Rollouts, seeds, statistics and reports: what a policy is worth, with its interval and its seeds."""
