"""WHO WORKS ON IT: the web application for reviewers, leads, auditors, ops and clients.

It never starts a flow: it writes a state, and a scheduled flow picks it up.
"""
