"""What we know: entries, topics, sources and the words of the domain. Pure: no Discord, no SQL, no clock."""
