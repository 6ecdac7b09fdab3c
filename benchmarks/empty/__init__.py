"""Empty dynamic resources, as many as an estate has and each with as many properties: what Pulumi itself takes."""
