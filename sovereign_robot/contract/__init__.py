"""What the robot is and what flows: joints, units, cameras, observations, chunks, ports, names, errors."""
