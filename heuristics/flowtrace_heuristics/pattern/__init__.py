"""Patterns: what moves, not who."""
