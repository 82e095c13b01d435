"""Readings of chains of coins: who signs together, which output is the change, who only mixes."""

PACK = ()
