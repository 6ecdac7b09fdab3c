"""The Pulumi program: everything it declares stands in `stacks/estate.yaml`."""

from divio_provider import run

run()
