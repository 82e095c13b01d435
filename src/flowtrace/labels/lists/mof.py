"""Japan's list of those whose assets are frozen (Ministry of Finance), as XLSX or CSV.

A sheet for each regime: its title in the rows above the headings, then a row for each entry. The
headings differ from sheet to sheet: ``告示日付`` (day of the notification), ``告示番号`` (its number, which
several entries share), ``日本語表記`` and ``英語表記`` (names), ``別名``, ``別称``, ``旧称``
(other names), ``国連参照番号``, ``リスト掲載日``,
 ``その他の情報`` and ``詳細`` (remarks, where wallets are named in the words of OFAC).

References
----------
OpenSanctions, crawler ``jp_mof_sanctions`` (headings; wallets searched for in remarks and details).
"""

from __future__ import annotations

from collections.abc import Sequence

from flowtrace.labels.lists.columns import EntriesTable, Row
from flowtrace.labels.lists.days import day_of
from flowtrace.labels.untrusted import one_line

_NOTICE = "告示"
_NAMES = ("英語", "日本語", "氏名", "名称")
_OTHERS = ("別名", "別称", "旧称", "呼称")


class MofTable(EntriesTable):
    """Reads the list."""

    FORM = "Japan MoF list"
    NEEDS = frozenset()

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._above: list[str] = []
        self._number = 0

    def sheet(self, title: str) -> None:
        """A regime begins; its own title stands in the first rows."""
        super().sheet(title)
        self._above, self._number = [], 0

    def is_heading(self, order: Sequence[str]) -> bool:
        """Tell the row of headings by the notification and a name."""
        notice = any(one.startswith(_NOTICE) for one in order)
        return notice and any(part in one for one in order for part in _NAMES)

    def preamble(self, cells: Sequence[str]) -> None:
        """Keep the regime's title."""
        self._above += [one_line(cell) for cell in cells if cell][: 4 - len(self._above)]

    def row(self, row: Row) -> None:
        """Each row is an entry; its number may be that of others too."""
        self._number += 1
        number = row.said("国連参照番号") or row.like("告示番号", "管理番号")
        entry = self.single(number or f"{self.title or 'row'} {self._number}")
        entry.call(row.like("英語"), first=True)
        for part in (*_NAMES[1:], *_OTHERS):
            for name in row.like(part).splitlines():
                entry.call(name)
        entry.under(" / ".join(self._above) or self.title)
        entry.listed_on = day_of(row.like("告示日付", "告示年月日", "告示日"))
        self.search(entry, row)
