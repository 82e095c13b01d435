/**
 * Values as text. An amount is a text of base units or a BigInt, never a Number: a Number holds 16 digits.
 */

/** Write base units as an exact decimal number with its thousands set apart. */
export function decimal(units, decimals) {
  const digits = units.padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  const whole = digits.slice(0, cut).replace(/\B(?=(\d{3})+$)/g, ",");
  const part = digits.slice(cut).replace(/0+$/, "");
  return part ? `${whole}.${part}` : whole;
}

/** Write an exact amount with its symbol. */
export function amount(units, asset) {
  return `${decimal(units, asset.decimals)}\u00a0${asset.symbol}`;
}

/** Add up texts of base units. */
export function total(texts) {
  return texts.reduce((sum, text) => sum + BigInt(text), 0n).toString();
}

/** Take what is said under one rule: a list has one entry per rule, a single value holds under all. */
export function under(value, rule) {
  return Array.isArray(value) ? value[rule] : value;
}

/** Write millionths as per cent with two places, half up: as every table of a report does. */
export function percent(millionths) {
  const hundredths = Math.floor((millionths + 50) / 100);
  if (millionths > 0 && hundredths === 0) return "<0.01\u00a0%";
  return `${(hundredths / 100).toFixed(2)}\u00a0%`;
}

/** Write unix seconds as a time in UTC. */
export function utc(seconds) {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")}\u00a0UTC`;
}

export function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Write a count with its noun. */
export function counted(number, noun) {
  const ending = number === 1 ? "" : noun.endsWith("s") ? "es" : "s";
  return `${number.toLocaleString("en-US")}\u00a0${noun}${ending}`;
}

/** Shorten a hash where there is no room; the whole one is always near. */
export function shortened(hash) {
  return hash.length > 20 ? `${hash.slice(0, 10)}…${hash.slice(-8)}` : hash;
}
