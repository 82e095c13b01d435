"""TRON, by TronGrid."""
