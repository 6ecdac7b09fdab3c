"""How this Divio behaves and misbehaves: deployments, images, variables; faults, permissions, one run's state."""
