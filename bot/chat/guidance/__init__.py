"""A server's own guidance on Discord."""
