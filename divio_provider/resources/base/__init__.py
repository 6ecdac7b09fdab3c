"""What all seven resources share: the classes of providers and resources, and what checks say of properties."""
