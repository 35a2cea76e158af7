"""MuJoCo worlds, tasks, experts and Gymnasium environments."""
