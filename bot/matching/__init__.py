"""A question in, ranked entries with calibrated confidence out. Pure and deterministic; knows nothing of Discord."""
