"""What the robot is and what flows: joints, units, limits, cameras, observations, action chunks, ports, names, errors."""
