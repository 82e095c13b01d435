"""What bridges write beside the value they move: logs kept as they stand, and texts in coin transactions.

A log is kept where its topic is one that a bridge's contract writes, whoever wrote it: whom to believe is not
for whoever reads a chain's record to say (``crossing/registry.toml`` says it, and a case may add to it). A
test holds the topics to that registry.

Sources: the signatures in :mod:`flowtrace.crossing`; OP_RETURN and the pushes of Bitcoin's script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowtrace.model import Address, Fact, FactKind
from flowtrace.moves.evm import EvmTransaction

TOPICS = frozenset(
    {
        "0x0c3d250c7831051e78aa6a56679e590374c7c424415ffe4aa474491def2fe705",
        "0x1619fc95050ffb8c94c9077c82b3e1ebbf8d571b6234241c55ba0aaf40da019e",
        "0x1ab700d4ced0c005b164c0f789fd09fcbb0156d4c2041b8a3bfbcd961cd1567f",
        "0x20af7f3bbfe38132b8900ae295cd9c8d1914be7052d061a511f3f728dab18964",
        "0x32ed1a409ef04c7b0227189c3a103dc5ac10e775a15b785dcc510201f7c25ad3",
        "0x3cd5e48f9730b129dc7550f0fcea9c767b7be37837cd10e55eb35f734f4bca04",
        "0x3e7aafa77dbf186b7fd488006beff893744caa3c4f6f299e8a709fa2087374fc",
        "0x44b559f101f8fbcc8a0ea43fa91a05a729a5ea6e14a7c75aa750374690137208",
        "0x4641df4a962071e12719d8c8c8e5ac7fc4d97b927346a3d7a335b1f7517e133c",
        "0x571749edf1d5c9599318cdbc4e28a6475d65e87fd3b2ddbe1e9a8d5e7a0f0ff7",
        "0x58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d",
        "0x6757034e841d88190e95fa8a7570ce6cb721257474400c3282ec536eab810540",
        "0x67d3c6af14d717c43615d41bbbad664365b5b546b58201d2a74661e3714c05fc",
        "0x6eb224fb001ed210e379b335e35efe88672a8ce935d981a6896b27ffdf52a3b2",
        "0x79fa08de5149d912dce8e5e8da7a7c17ccdf23dd5d3bfe196802e6eb86347c7c",
        "0x7e50569d26be643bda7757722291ec66b1be66d8283474ae3fab5a98f878a7a2",
        "0x834b524d9f8ccbd31b00b671c896697b96eb4398c0f56e9386a21f5df61e3ce3",
        "0x85496b760a4b7f8d66384b9df21b381f5d1b1e79f229a47aaf4c232edc2fe59a",
        "0x89d8051e597ab4178a863a5190407b98abfeff406aa8db90c59af76612e58f01",
        "0x8ab9dc6c19fe88e69bc70221b339c84332752fdd49591b7c51e66bae3947b73c",
        "0x8b0afdc777af6946e53045a4a75212769075d30455a212ac51c9b16f9c5c9b26",
        "0x8c5261668696ce22758910d05bab8f186d6eb247ceac2af2e82c7dc17669b036",
        "0x8e5841bcd195b858d53b38bcf91b38d47f3bc800469b6812d35451ab619c6f6c",
        "0x8ebb2ec2465bdb2a06a66fc37a0963af8a2a6a1479d81d56fdb8cbb98096d546",
        "0x918d77674bb88eaf75afb307c9723ea6037706de68d6fc07dd0c6cba423a5250",
        "0x9991faa1f435675159ffae64b66d7ecfdb55c29755869a18db8497b4392347e0",
        "0xa123dc29aebf7d0c3322c8eeb5b999e859f39937950ed31056532713d0de396f",
        "0xa58ba939eb08dab7eaf8ad09c16e7405ee88e5153e15da62d5481296a9f727fa",
        "0xa9cd03aa3c1b4515114539cd53d22085129d495cb9e9f9af77864526240f1bf7",
        "0xafc4df6845a4ab948b492800d3d8a25d538a102a2bc07cd01f1cfa097fddcff6",
        "0xbf14b9fde87f6e1c29a7e0787ad1d0d64b4648d8ae63da21524d9fd0f283dd38",
        "0xc5532043e6f3d77e1c320ff59bd4157ca9075ef59f6b55ceab6c3f7d2f78c9ca",
        "0xcaf280c8cfeba144da67230d9b009c8f868a75bac9a528fa0474be1ba317c169",
        "0xcb0f7ffd78f9aee47a248fae8db181db6eee833039123e026dcbff529522e52a",
        "0xd281ee92bab1446041582480d2c0a9dc91f855386bb27ea295faac1e992f7fe4",
        "0xe35dddd4ea75d7e9b3fe93af4f4e40e778c3da4074c9d93e7c6536f1e803c1eb",
        "0xeaeb01ba86085c934b230dfddfa29ffd73bef2f4dcf60326f0f732dc85d40203",
        "0xef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395",
        "0xefed6d3500546b29533b128a29e3a94d70788727f0507505ac12eaf2e578fd9c",
        "0xfc8703fd57380f9dd234a89dce51333782d49c5902f307b02f03e014d18fe471",
        "0xff48c13eda96b1cceacc6b9edeedc9e9db9d6226afbc30146b720c19d3addb1c",
    }
)
"""The topics of the logs that bridges are read by."""
_MOST_DATA, _MOST_MEMO = 1 << 16, 2000
_RETURN, _LONGEST_PUSH = 0x6A, 0x4B
_WIDE_PUSHES = {0x4C: 1, 0x4D: 2, 0x4E: 4}  # OP_PUSHDATA1, 2 and 4: how many bytes the length has


def message(at: EvmTransaction, log: Mapping[str, Any]) -> Fact | None:
    """Return a log as the message of a bridge; None where its topic is none that bridges write.

    ``log`` has ``address``, ``topics``, ``data`` and ``logIndex``, as a node has them.
    """
    topics = [str(topic).lower() for topic in log["topics"]]
    data = str(log["data"]).lower()
    if not topics or topics[0] not in TOPICS or len(data) > _MOST_DATA:
        return None
    index = log["logIndex"] if isinstance(log["logIndex"], int) else int(log["logIndex"], 16)
    return Fact(
        chain_id=at.chain.id,
        tx=at.hash,
        height=at.height,
        index=at.index,
        order=index,
        time=at.time,
        kind=FactKind.MESSAGE,
        parties=(("contract", Address.parse(at.chain, log["address"])),),
        figures=(("topics", ",".join(topics)), ("data", data)),
    )


def memo_of(script: bytes) -> str:
    """Return the text that an output's script holds; empty where it holds none that can be printed.

    Examples
    --------
    >>> memo_of(bytes([0x6A, 5]) + b"OUT:x")
    'OUT:x'
    """
    if script[:1] != bytes([_RETURN]) or len(script) > _MOST_MEMO:
        return ""
    at, found = 1, b""
    while at < len(script):
        size, width = script[at], _WIDE_PUSHES.get(script[at], 0)
        if width:
            size = int.from_bytes(script[at + 1 : at + 1 + width], "little")
        elif size > _LONGEST_PUSH:
            return ""
        at += 1 + width
        if at + size > len(script):
            return ""
        found += script[at : at + size]
        at += size
    try:
        text = found.decode()
    except UnicodeDecodeError:
        return ""
    return text if text.isprintable() else ""
