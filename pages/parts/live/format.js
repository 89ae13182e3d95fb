// Words and numbers of the page.

export const seconds = (t) => {
  const whole = Math.max(0, Math.round(t));
  const parts = [Math.floor(whole / 60), whole % 60];
  return `${parts[0]}:${String(parts[1]).padStart(2, "0")}`;
};

export const count = (n) => Math.round(n).toLocaleString("en-US");

/** Two digits while running: 0.34, 7.1, 41, 1,640. */
export const short = (value) => {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return count(value);
  return String(Number(value.toFixed(size >= 10 ? 0 : size >= 1 ? 1 : 2)));
};

/** A bound just above `value` that does not move with every tick. */
export const ceiling = (value) => {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  const step = [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((s) => s * power >= value * 1.08) ?? 15;
  return step * power;
};

/** Text into an element, only when it changed: no reflow, no repeated announcement. */
export const put = (element, text) => {
  if (element.textContent !== text) element.textContent = text;
};
