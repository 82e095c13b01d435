"""Solana, by JSON-RPC."""
