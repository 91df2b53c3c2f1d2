"""One module a reference page; each returns its page as Markdown."""
