"""YAML with places, faults, validation: the ground of all rooms."""
