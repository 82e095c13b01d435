"""Chains of Bitcoin's kind: Esplora, Electrum, and one's own node."""
