"""The papers: what they say is so."""
