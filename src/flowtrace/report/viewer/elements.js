/** Elements of the page. Text enters by textContent only, so that no label can be anything but text. */

/** Make an element: attributes, listeners under `on`, and children that are elements or text. */
export function make(tag, { on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  for (const child of children.flat()) {
    if (child !== null && child !== undefined) element.append(child);
  }
  return element;
}

/** Make a button that says what it does. */
export function button(words, action, attributes = {}) {
  return make("button", { type: "button", on: { click: action }, ...attributes }, words);
}

/** Put a text on the clipboard; where the browser does not let a page, by its old way. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "aside", "aria-hidden": "true" });
    area.value = text;
    const before = document.activeElement;
    (document.querySelector("dialog[open]") ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  }
}

/** Make a text with a button beside it that copies it. */
export function copied(text, what, say) {
  const act = async (event) => {
    const pressed = event.currentTarget;
    const done = await copy(text);
    pressed.textContent = done ? "Copied" : "Select it";
    say(done ? `${what} copied` : `${what} could not be copied: select it`);
    setTimeout(() => {
      pressed.textContent = "Copy";
    }, 1500);
  };
  return make("span", { class: "copied" }, make("code", {}, text), button("Copy", act, {
    class: "small", "aria-label": `Copy ${what} ${text}`,
  }));
}
