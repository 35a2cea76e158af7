"""What people say to the robot: one grammar per task, Japanese and English, and the way back to the goal."""
