"""Where it is kept: tables, sessions, transitions, work queue, blobs, outbox, ledger and audit trail."""
