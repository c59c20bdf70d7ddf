"""RSVNo: connection-etiquette advice for Discord servers and terminals."""

__version__ = "0.1.0"
