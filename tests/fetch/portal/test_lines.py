"""The lines of a stream: whatever stands in them, it is read as what it is, or named as what it is not."""

from __future__ import annotations

import copy
import json
import string
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fetch import portal_bitcoin_service, portal_service, portal_solana_service, portal_tron_service
from fetch.portal_dataset import history
from fetch.portal_service import ANN, BEN, dataset, service, world
from fetch.services import Reply
from flowtrace.errors import FlowtraceError, InputError, UnreadableError
from flowtrace.fetch.portal.lines import parsed, units, whole
from flowtrace.model import Request

TOY = world()
LAST = len(TOY.blocks) - 1

GOOD: dict[str, object] = {"number": 0, "hash": "0xaa", "timestamp": 7}
HEADERS: list[dict[str, object]] = [
    {"number": -1}, {"number": 1.0}, {"number": True}, {"number": None}, {"number": "x"}, {"number": [0]},
    {"number": 10**30}, {"hash": None}, {"hash": ""}, {"hash": 7}, {"hash": "x" * 9999}, {"hash": ["0x"]},
    {"timestamp": None}, {"timestamp": "now"}, {"timestamp": -1}, {"timestamp": {}},
]  # fmt: skip
TABLES: list[object] = [
    7, "x", {}, [7], [None], [{}], [{"transactionIndex": "x"}], [{"transactionIndex": 5}],
]  # fmt: skip
HOSTILE = [
    "", "{", "[]", "7", "null", '"header"', "[" * 100_000, '{"a":' * 100_000, "NaN", '{"header":NaN}',
    '{"header":null}', '{"header":[]}', '{"header":"0"}', '{"header":{}}', "\x00", "\xff",
    '{"header":{"number":' + "9" * 5000 + "}}", '{"header":{"number":1e400}}',
    '{"header":{"number":1e99999999999999999999}}',
    *(json.dumps({"header": GOOD | wrong}) for wrong in HEADERS),
    *(
        json.dumps({"header": GOOD, table: wrong})
        for table in ("transactions", "logs", "traces", "stateDiffs")
        for wrong in TABLES
    ),
]  # fmt: skip


@pytest.mark.parametrize("line", HOSTILE)
def test_a_line_that_is_no_block_is_named(line: str) -> None:
    """Whatever stands in the place of a block, it ends in one line that names the answer."""
    toy = dataset(TOY)

    def answer(request: Request) -> Reply:
        good = toy.answer(request)
        if request.method == "GET":
            return good
        return 200, {}, line.encode("latin-1") + b"\n" + good[2]

    with pytest.raises(UnreadableError) as error:
        history(toy, answer)
    assert error.value.answer == 2
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 500


@pytest.mark.parametrize("numbers", [[3, 2], [2, 2], [LAST + 1], [0, 0]])
def test_blocks_out_of_order_or_not_asked_for_are_no_answer(numbers: list[int]) -> None:
    """Lines go up, each above the one before, from the first block asked for to the last."""
    lines = [json.dumps({"header": GOOD | {"number": number}}) + "\n" for number in numbers]
    body = "".join(lines).encode()
    with pytest.raises(UnreadableError, match="asked for were blocks"):
        history(service(), lambda request: (200, {}, b"{}" if request.method == "GET" else body))


JUNK: list[object] = [
    None, True, -1, 0, 1.5, 10**90, "", "x", "0x", "0x-1", "-5", "9" * 400, "0x" + "f" * 65, [], {}, [[]],
    {"a": 1}, [None], ANN, BEN.upper(), "0x" + "0" * 64, string.printable,
    "call", "create", "suicide", "\ud800",
]  # fmt: skip


def spoiled(found: Any, draw: Callable[[int], int]) -> Any:  # noqa: ANN401  JSON
    """Return JSON with one thing in it replaced by junk, or left out; ``draw`` chooses below a number."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [found]
    while waiting:
        one = waiting.pop()
        pairs = list(one.items()) if isinstance(one, dict) else list(enumerate(one))
        places += [(one, key) for key, _ in pairs]
        waiting += [value for _, value in pairs if isinstance(value, dict | list)]
    one, key = places[draw(len(places))]
    choice = draw(len(JUNK) + 1)
    if choice < len(JUNK):
        one[key] = copy.deepcopy(JUNK[choice])
    else:
        del one[key]
    return found


FAMILIES = (portal_service, portal_bitcoin_service, portal_solana_service, portal_tron_service)
TOYS = {module.__name__.rpartition(".")[2]: module.service() for module in FAMILIES}


@pytest.mark.parametrize("name", TOYS)
@given(data=st.data())
def test_no_answer_makes_anything_but_a_history_or_an_error_of_ours(name: str, data: st.DataObject) -> None:
    """One field of one line is junk, or missing: the history is told, or it is said why it cannot be."""
    toy = TOYS[name]
    toy.ends = lambda _first, last: last

    def answer(request: Request) -> Reply:
        status, headers, body = toy.answer(request)
        if request.method == "GET":
            return status, headers, body
        lines = [json.loads(line) for line in body.splitlines()]
        wrong = spoiled(lines, lambda most: data.draw(st.integers(0, most - 1)))
        return status, headers, b"".join(json.dumps(line).encode() + b"\n" for line in wrong)

    try:
        history(toy, answer)
    except FlowtraceError as error:
        assert str(error).isprintable()  # noqa: PT017  an error or a history: either is well


def amount(text: str) -> int:
    """Return the satoshi of an amount of bitcoin as it stands in JSON."""
    return units({"value": parsed(text.encode())}, "value", 8)


@given(st.integers(0, 21_000_000 * 10**8))
def test_an_amount_in_floating_point_is_exact(satoshi: int) -> None:
    """The shortest form of the nearest floating point number is the amount, for all that can be."""
    assert amount(json.dumps(satoshi / 10**8)) == satoshi
    assert amount(str(Decimal(satoshi).scaleb(-8))) == satoshi


@pytest.mark.parametrize(
    ("text", "satoshi"),
    [("0", 0), ("1", 10**8), ("0.0", 0), ("1e-8", 1), ("1E-8", 1), ("5e1", 50 * 10**8), ("0.1", 10**7)],
)
def test_amounts_are_read_in_every_form_of_json(text: str, satoshi: int) -> None:
    """Whole, with a point, with an exponent."""
    assert amount(text) == satoshi


@pytest.mark.parametrize(
    "text",
    [
        *("-1.0", "-0.1", "1e-9", "0.123456789", "1e400", "1e-400", "1e999999999", "1e-999999999"),
        *("0." + "1" * 40, '"1.5"', "null", "true", "[1.5]", "-1", "1" * 400),
    ],
)
def test_what_is_no_amount_is_named(text: str) -> None:
    """More places than a coin has are refused, not rounded; so are giants, negatives and words."""
    with pytest.raises(InputError, match="value is"):
        amount(text)


@given(st.integers(0, (1 << 256) - 1))
def test_whole_numbers_are_read_in_every_form(number: int) -> None:
    """As a number, as decimal text, and as hexadecimal text."""
    for form in (number, str(number), hex(number)):
        assert whole({"n": form}, "n") == number
