"""A client's own past: documents and what was booked of them, matched, learned from, and measured honestly."""
