"""Heuristics for account chains."""
