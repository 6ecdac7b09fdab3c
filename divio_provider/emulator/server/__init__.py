"""The process: the routes put together, the middleware around them, the schema of what is offered."""
