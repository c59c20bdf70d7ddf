"""From a text to its sentence vector."""
