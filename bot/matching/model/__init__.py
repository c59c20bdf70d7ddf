"""What was learned from the base: how it is learned, kept and calibrated."""
