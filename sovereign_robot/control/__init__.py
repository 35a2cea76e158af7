"""What happens each tick: chunk player, safety filter, staleness, stop behaviour."""
