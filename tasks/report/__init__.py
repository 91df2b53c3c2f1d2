"""Reports: what a period was like, for the client and for ops, as data, page and PDF."""
