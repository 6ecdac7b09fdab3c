"""The naive design: what one writes first, one dynamic resource for each deployment."""
