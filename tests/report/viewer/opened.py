"""A page of the viewer as a test sees it: what it asks for, what goes wrong, where things are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

_WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => window.ran.push(name);
"""
_CENTRE = """n => {
  const { view } = document.getElementById("flow");
  const box = view.canvas.getBoundingClientRect();
  const { at } = view.data.nodes[n];
  const [x, y] = view.camera.toScreen(at[0] + view.data.card[0] / 2, at[1] + view.data.card[1] / 2);
  return [x + box.left, y + box.top];
}"""


class Opened:
    """A page opened from disk, the network off and every request but the file's own counted and refused."""

    def __init__(self, browser: Browser, path: Path) -> None:
        self.requests: list[str] = []
        self.faults: list[str] = []
        self._own = path.as_uri()
        self.context = browser.new_context(offline=True, viewport={"width": 1280, "height": 800})
        self.context.add_init_script(_WATCH)
        self.context.route("**/*", self._route)
        self.page = self.context.new_page()
        self.page.on("console", lambda said: self.faults.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        self.page.goto(self._own)

    def _route(self, route: Route) -> None:
        if route.request.url == self._own:
            route.continue_()
        else:
            self.requests.append(route.request.url)
            route.abort()

    def asks(self, script: str, argument: object = None) -> Any:  # noqa: ANN401  whatever the script returns
        """Return what a script in the page returns; ``view`` is the viewer there."""
        inner = f"(given) => {{ const {{ view }} = document.getElementById('flow'); return {script}; }}"
        return self.page.evaluate(inner, argument)

    def number(self, address: str) -> int:
        """Return an address's number in the page."""
        return int(self.asks("view.data.nodes.findIndex((node) => node.id === given)", address))

    def click(self, address: str) -> None:
        """Click the card of an address."""
        x, y = self.page.evaluate(_CENTRE, self.number(address))
        self.page.mouse.click(x, y)

    def details(self) -> str:
        """Return the text of the details, with plain spaces."""
        return str(self.page.inner_text(".pane")).replace("\u00a0", " ")

    def said(self) -> str:
        """Return what a screen reader was last told."""
        return str(self.asks("view.live.textContent")).replace("\u00a0", " ")

    def violations(self) -> list[str]:
        """Return every breach of the page's policy, and every script of a stranger that ran."""
        return [*self.page.evaluate("window.violations"), *self.page.evaluate("window.ran")]
