"""What resources and commands read of Divio, so that how fresh it is stands in one place."""
