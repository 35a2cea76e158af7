"""Faults put into the running graph from outside, and what came of each."""
