"""What is amiss with an estate, held against its file or, where nobody declared it, against itself."""
