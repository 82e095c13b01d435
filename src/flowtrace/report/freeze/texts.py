"""What no text of a package may hold: an authority its sender lacks, a cut identifier, a wallet to act on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flowtrace.report.freeze.request import FreezeRequest
from flowtrace.report.freeze.wording import FORBIDDEN

# The beginning of a hash or an address, and then dots. A token without a symbol is named so on purpose, its
# contract standing whole in the tables; so is the digest of a sample that an error rate was measured on.
_BEGINNINGS = r"0x[0-9a-f]{2,}|[0-9a-f]{8,}|(?:bc|ltc)1[0-9a-z]{3,}|T[1-9A-HJ-NP-Za-km-z]{5,}"
_CUT = re.compile(rf"(?<!token )(?<!SHA-256 )\b({_BEGINNINGS})(…|\.\.\.)", re.IGNORECASE)


def forbidden(request: FreezeRequest, texts: Iterable[str]) -> Iterator[str]:
    """Yield every phrase that the mode cannot say, wherever it came from."""
    mode = request.wording.mode
    for text in texts:
        flat = " ".join(text.casefold().split())
        for phrase in FORBIDDEN[mode]:
            if phrase in flat:
                yield f"a {mode}'s letter cannot say {phrase!r}; remove it"


def cut_identifiers(texts: Iterable[str]) -> Iterator[str]:
    """Yield every identifier that is cut short: intake programs refuse the letter for it."""
    for text in texts:
        yield from (f"{found[0]!r} is a cut identifier" for found in _CUT.finditer(text))


def wallets_named(request: FreezeRequest, texts: Iterable[str]) -> Iterator[str]:
    """Yield every pooled wallet in what is asked: it may be named only as where a transaction paid to."""
    wallets = {credit.hot_wallet for credit in request.deposits if credit.hot_wallet}
    wallets |= {credit.hop.target for credit in request.deposits if credit.pooled and credit.hop.target}
    names = {name.casefold() for wallet in wallets for name in (wallet.account, wallet.display)}
    for text in texts:
        found = next((name for name in sorted(names) if name in text.casefold()), "")
        if found:
            yield f"what is asked names the pooled wallet {found}: refused"
