"""The use cases: a question in, advice out; editing a server's own guidance."""
