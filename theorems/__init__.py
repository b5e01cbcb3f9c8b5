"""The catalogue: a folder per paper, a file per theorem."""
