"""Where boxes, arrows and labels lie."""

from itertools import combinations, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from flowtrace.report.diagram.channel import Step, channels
from flowtrace.report.diagram.geometry import Edge, Node, Rect
from flowtrace.report.diagram.lane import isotonic
from flowtrace.report.diagram.layers import arrange
from flowtrace.report.diagram.layout import needed, place
from flowtrace.report.diagram.marks import Font, wrapped
from flowtrace.report.diagram.place import overlaps, place_labels
from flowtrace.report.diagram.route import routes

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] != p[1]), max_size=20)


def graph(ends: list[tuple[int, int]], lanes: int) -> tuple[dict[str, Node], dict[str, Edge]]:
    """Make boxes and arrows of one size."""
    nodes = {str(n): Node(f"lane {n % lanes}", 60, 40) for n in range(10)}
    return nodes, {f"e{i}": Edge(str(a), str(b), 50, 24) for i, (a, b) in enumerate(ends)}


@given(pairs, st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_boxes_are_apart_and_inside_their_lanes(ends: list[tuple[int, int]], lanes: int) -> None:
    """On the least area that `needed` asks for, and on a larger one, no two boxes touch."""
    nodes, edges = graph(ends, lanes)
    width, height = needed(nodes, edges)
    for extra in (0.0, 150.0):
        placed = place(nodes, edges, Rect(10, 20, 10 + width + extra, 20 + height + extra))
        assert set(routes(edges, placed)) == set(edges)
        assert not any(a.meets(b) for a, b in combinations(placed.boxes.values(), 2))
        for name, box in placed.boxes.items():
            lane = placed.lanes[nodes[name].lane]
            assert lane.left <= box.left
            assert box.right <= lane.right + 0.01
            assert lane.top <= box.top
            assert box.bottom <= lane.bottom + 0.01


@given(pairs)
@settings(max_examples=60, deadline=None)
def test_arrows_lead_forward_and_never_cross_a_box(ends: list[tuple[int, int]]) -> None:
    """An arrow runs from its source's side to its target's, through the gaps."""
    nodes, edges = graph(ends, 1)
    width, height = needed(nodes, edges)
    placed = place(nodes, edges, Rect(0, 0, width + 300, height + 300))
    back = placed.columns["lane 0"].back
    for name, way in routes(edges, placed).items():
        if name in back:
            continue
        assert placed.boxes[edges[name].source].right < placed.boxes[edges[name].target].left
        inside = [
            (box, p)
            for box, rect in placed.boxes.items()
            for p in way.points()
            if rect.left + 0.1 < p[0] < rect.right - 0.1 and rect.top + 0.1 < p[1] < rect.bottom - 0.1
        ]
        assert not inside


@given(pairs)
def test_layers_break_cycles_and_only_those(ends: list[tuple[int, int]]) -> None:
    """Every edge that is no back edge leads to a later column; without cycles there is no back edge."""
    edges = {f"e{i}": (str(a), str(b)) for i, (a, b) in enumerate(ends)}
    columns = arrange([str(n) for n in range(10)], edges)
    at = {point: i for i, column in enumerate(columns.columns) for point in column}
    assert all(at[a] < at[b] for name, (a, b) in edges.items() if name not in columns.back)
    if all(a < b for a, b in ends):
        assert not columns.back


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12))
def test_isotonic_is_rising_and_keeps_the_mean(values: list[float]) -> None:
    """The nearest non-decreasing sequence has the same mean."""
    found = isotonic(values, [1.0] * len(values))
    assert all(a <= b + 1e-9 for a, b in pairwise(found))
    assert abs(sum(found) - sum(values)) < 1e-6


def test_arrows_of_a_fan_turn_on_tracks_of_their_own() -> None:
    """Upright pieces that overlap never share a place."""
    ends = [(-90.0, -8.0), (-40.0, -4.0), (40.0, 4.0), (90.0, 8.0)]
    steps = [Step((str(i), 0), (0.0, b), (80.0, a), late=False) for i, (a, b) in enumerate(ends)]
    turns = channels(steps)
    for one, two in combinations(steps, 2):
        apart = one.span[1] < two.span[0] or two.span[1] < one.span[0]
        assert apart or turns[one.key] != turns[two.key]
    assert turns["0", 0] < turns["1", 0]


def test_labels_touch_neither_boxes_nor_each_other() -> None:
    """A fan of seven with labels as high as three lines has room for all of them."""
    nodes, edges = graph([(0, n) for n in range(1, 8)], 1)
    width, height = needed(nodes, edges)
    area = Rect(0, 0, width + 60, height + 160)
    placed = place(nodes, edges, area)
    labels = place_labels(edges, routes(edges, placed), (area, list(placed.boxes.values())))
    assert overlaps(labels, placed.boxes) == []
    assert set(labels) == set(edges)


def test_the_same_input_gives_the_same_layout() -> None:
    """Nothing depends on the order of a set."""
    nodes, edges = graph([(0, 1), (1, 2), (2, 0), (1, 3), (0, 4), (4, 3), (3, 9)], 2)
    width, height = needed(nodes, edges)
    area = Rect(0, 0, width, height)
    assert place(nodes, edges, area) == place(nodes, edges, area)


def test_the_sign_of_a_rounded_amount_stays_with_its_number() -> None:
    """A line that ends in ≈ would make the next line's amount look exact."""
    lines = wrapped("5 ETH + ≈ 9,115 BNB", 40.0, Font(6.5), measure=lambda text, _: 4.0 * len(text))
    assert lines == ["5 ETH +", "≈ 9,115", "BNB"]
