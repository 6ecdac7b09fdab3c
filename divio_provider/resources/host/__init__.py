"""The process that runs our providers: the engine that it answers to, its configuration, and what it reports of errors."""
