"""A server's settings on Discord, and the hello."""
