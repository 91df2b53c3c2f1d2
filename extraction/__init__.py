"""From words to values: pure functions without files, clock or database.

The way of a document: `page_layout` (words to lines and segments), `classify`, `spans` (what is typed like a date or an
amount), `labels` (what is printed beside it), `candidates`, `choose` (the joint decision), `line_items`, `extract`.
"""
