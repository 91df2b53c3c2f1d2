"""Made-up clients with inboxes full of documents, to try everything with."""
