"""The shipped pack: one heuristic, one file. Each room names its own in a literal tuple."""

from flowtrace_heuristics import account, pattern, utxo

PACK = (*account.PACK, *pattern.PACK, *utxo.PACK)
