// Elements in one line.

/** An element with attributes, `on...` handlers and children; `class`, `text` and `hint` by these names. */
export function make(tag, { text, hint, ...attributes } = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  if (hint) element.dataset.hint = hint;
  if (tag === "button") element.type = attributes.type ?? "button";
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
