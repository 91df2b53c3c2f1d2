"""Audits of work: lots, values drawn from them, blind keys, decisions by a third person, certificates."""
