"""The algorithms that the catalogue's theorems speak of, batched over instances, on torch tensors and on exact numbers."""
