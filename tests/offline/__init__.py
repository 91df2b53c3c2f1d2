"""A run with the network refused."""
