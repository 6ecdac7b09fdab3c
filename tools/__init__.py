"""What the Makefile starts: getting the Pulumi CLI, and the demo."""
