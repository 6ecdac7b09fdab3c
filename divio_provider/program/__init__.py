"""The Pulumi program: a stack's configuration in, the estate's resources declared, the stack's outputs out."""
