"""Downloads: a file is offered on one or several sites."""
