"""One run of one rule by the engine that serves: the compiled one where it is here and the amounts fit."""

from __future__ import annotations

from collections.abc import Mapping

from flowtrace.kernel.columns import Groups, Moves, State, Sums, Tainted
from flowtrace.kernel.compiled import Compiled, WidthError
from flowtrace.kernel.library import available
from flowtrace.kernel.plain import Plain
from flowtrace.model import Rule


class Engine:
    """One run of one rule over columns in chain order; both engines give the same, bit for bit.

    Parameters
    ----------
    rule
        Of one payee TIHO and TILO are dirty-first; of several dirty-first is TIHO and LIBR is TILO.
    places, thefts
        How many there are: their numbers run from 0.
    marked
        Places of which all that they spend beyond their record is of a theft.

    Notes
    -----
    Moves and transactions may take turns. Where a total reaches 2^126 the plain engine goes on from the same
    state; nothing is cut. Opening balances are moves from outside, put before the others.

    Examples
    --------
    >>> run = Engine(Rule.FIFO, 2)
    >>> list(run.move(Moves.of([-1, -1, 0], [0, 0, 1], [5, 7, 6], theft=[-1, 0, -1])).units)
    [0, 7, 1]
    """

    def __init__(
        self, rule: Rule, places: int, *, thefts: int = 1, marked: Mapping[int, int] | None = None
    ) -> None:
        self._run: Compiled | Plain = Plain(rule, 0)
        if available():
            try:
                self._run = Compiled(rule, places, thefts=thefts, marked=marked)
            except WidthError:
                pass
            else:
                return
        self._run = Plain(rule, places, thefts=thefts, marked=marked)

    def move(self, moves: Moves) -> Tainted:
        """Carry out moves and return what of each is tainted. Malformed ones are refused, all of them."""
        if isinstance(self._run, Compiled):
            try:
                return self._run.move(moves)
            except WidthError:
                self._run = Plain.resume(self._run.state())
        return self._run.move(moves)

    def spend(self, groups: Groups) -> Tainted:
        """Carry out transactions and return what of each output is tainted."""
        if isinstance(self._run, Compiled):
            try:
                return self._run.spend(groups)
            except WidthError:
                self._run = Plain.resume(self._run.state())
        return self._run.spend(groups)

    def sums(self) -> tuple[Sums, ...]:
        """Return what must reconcile: for each theft, then for all of them together."""
        return self._run.sums()

    def state(self) -> State:
        """Return the run in columns."""
        return self._run.state()

    @property
    def compiled(self) -> bool:
        """Whether the compiled library serves this run."""
        return isinstance(self._run, Compiled)

    @classmethod
    def resume(cls, state: State, *, places: int = 0, thefts: int = 0) -> Engine:
        """Go on from a saved run, with as many places and thefts or more."""
        engine = cls(Rule(state.rule), 0)
        if available():
            try:
                engine._run = Compiled.resume(state, places=places, thefts=thefts)
            except WidthError:
                pass
            else:
                return engine
        engine._run = Plain.resume(state, places=places, thefts=thefts)
        return engine
