"""Etherscan and its dialects."""
