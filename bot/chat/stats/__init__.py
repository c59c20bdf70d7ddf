"""A server's stats on Discord."""
