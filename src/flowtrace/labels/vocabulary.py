"""GraphSense's words and what they are in flowtrace: confidence ids, concepts, network codes.

Sources: the taxonomies of https://github.com/graphsense/graphsense-tagpack-tool (confidence.csv, concepts)
and the network codes of its public TagPacks.
"""

from __future__ import annotations

from flowtrace.model import Category, Use

CONFIDENCE = {
    "override": 100,
    "ownership": 100,
    "ledger_immanent": 100,
    "manual_transaction": 90,
    "service_api": 70,
    "forensic_investigation": 70,
    "authority_data": 60,
    "trusted_provider": 50,
    "service_data": 50,
    "forensic": 50,
    "untrusted_transaction": 40,
    "web_crawl": 20,
    "heuristic": 10,
    "unknown": 5,
}

_SERVICES = (
    "atm defi_custody defi_lending gambling hosting market mining_service payment_processor wallet_service"
)
_OTHERS = (
    "black_list collectible dark_web defi defi_derivative donation drugs faucet index miner organization "
    "search_engine user weapons"
)
_PERPETRATORS = (
    "abuse account_hack data_breach exploit extortion financial_crime fraud hacking money_laundering "
    "phishing ponzi_scheme ransomware sanction scam service_hack sextortion social_engineering "
    "terrorism_financing"
)
CATEGORIES = (
    dict.fromkeys(_SERVICES.split(), Category.OTHER_SERVICE)
    | dict.fromkeys(_OTHERS.split(), Category.OTHER)
    | dict.fromkeys(_PERPETRATORS.split(), Category.PERPETRATOR)
    | {"coinjoin": Category.MIXER, "mixing": Category.MIXER, "defi_dex_pair": Category.DEX}
    | {category.value: category for category in Category}
)
USES = {use.value: use for use in (Use.HOT_WALLET, Use.COLD_WALLET)} | {"deposit_wallet": Use.DEPOSIT}

NETWORKS = {
    "ARB": "arbitrum",
    "AVAX": "avalanche",
    "BNB": "bnb",
    "BEP20": "bnb",
    "BSC": "bnb",
    "BTC": "bitcoin",
    "DOGE": "dogecoin",
    "ETH": "ethereum",
    "LTC": "litecoin",
    "MATIC": "polygon",
    "POL": "polygon",
    "SOL": "solana",
    "TRX": "tron",
}
# Ledgers flowtrace does not follow: their tags are left out, never read as another chain's.
_ELSEWHERE = (
    "ADA ALGO ATOM BCH BEP2 BSV BTG DASH DOT EOS ETC ETP FIL KSM NEO OMNI VET XLM XMR XRP XTZ XVG ZEC"
)
ELSEWHERE = frozenset(_ELSEWHERE.split())
