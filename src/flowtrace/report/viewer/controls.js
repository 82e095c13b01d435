/** The row of choices: rule, asset, least share, tables, colours, help. */
import { button, make } from "./elements.js";

const LEAST = [[0, "everything"], [100, "from 0.01 %"], [1000, "from 0.1 %"], [10000, "from 1 %"], [100000, "from 10 %"]];

function choice(words, options, chosen) {
  const select = make("select", { on: { change: () => chosen(Number(select.value)) } },
    options.map(([value, text]) => make("option", { value: String(value) }, text)));
  return [make("label", {}, make("span", {}, words), select), select];
}

export function controls(data, acts) {
  const [rule, ruleSelect] = choice("Rule", data.rules.map((one, n) => [n, one.words]), (n) => acts.setRule(n));
  ruleSelect.value = String(data.rule);
  const assets = [[-1, "all"], ...data.assets.map((one, n) => [n, `${one.symbol}`])];
  const [asset] = choice("Asset", named(assets, data), (n) => acts.filter({ asset: n }));
  const [least] = choice("Share", LEAST, (n) => acts.filter({ least: n }));
  const tables = button("Tables", () => acts.tables(), { id: "tables", "aria-pressed": "false" });
  const themes = ["auto", "light", "dark"];
  const theme = button("Colours: auto", () => {
    themes.push(themes.shift());
    theme.textContent = `Colours: ${themes[0]}`;
    acts.theme(themes[0]);
  });
  const box = make("div", { class: "controls", role: "group", "aria-label": "Choices" }, rule, asset, least,
    button("Fit", () => acts.fit()), button("+", () => acts.zoom(1.25), { "aria-label": "Zoom in" }),
    button("−", () => acts.zoom(0.8), { "aria-label": "Zoom out" }), tables, theme,
    button("? Keys", () => acts.help()));
  const showRule = (n) => {
    ruleSelect.value = String(n);
  };
  const showTables = (isShown) => {
    tables.setAttribute("aria-pressed", String(isShown));
    tables.textContent = isShown ? "Drawing" : "Tables";
  };
  return { box, showRule, showTables };
}

/** Two assets may bear one symbol: then the id tells them apart. */
function named(options, data) {
  const twice = (text) => options.filter(([, other]) => other === text).length > 1;
  return options.map(([n, text]) => [n, n >= 0 && twice(text) ? `${text} (${data.assets[n].id})` : text]);
}
