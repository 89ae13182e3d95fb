// What the store really holds under the keys that a request touched, this post and this author marked.

import { count, put } from "../live/format.js";
import { make } from "../live/make.js";

const OPEN = 3;
const NOTHING = "No key was touched: nothing had to be changed.";

export class Kept {
  constructor(box) {
    this.keys = box.querySelector(".kept-keys");
    this.boxes = new Map();
  }

  /** `mark` holds the row of the post and the id of the author to be marked, either may be missing. In place. */
  show(keys, mark) {
    const names = new Set(keys.map(({ key }) => key));
    for (const [name, box] of this.boxes) if (!names.has(name)) this.drop(name, box);
    this.none(keys.length ? null : NOTHING);
    keys.forEach((key, i) => {
      if (!this.boxes.has(key.key)) this.boxes.set(key.key, this.box(key.key, i < OPEN));
      const box = this.boxes.get(key.key);
      if (this.keys.children[i] !== box) this.keys.insertBefore(box, this.keys.children[i] ?? null);
      this.fill(box, key, mark);
    });
  }

  clear() {
    for (const [name, box] of this.boxes) this.drop(name, box);
    this.none(null);
  }

  drop(name, box) {
    box.remove();
    this.boxes.delete(name);
  }

  none(text) {
    if (text && !this.said) this.keys.append((this.said = make("p", { class: "none", text })));
    else if (!text && this.said) this.said = void this.said.remove();
  }

  box(name, open) {
    return make("details", { class: "stored", open }, make("summary", {}, make("code", { text: name }), make("span")),
      make("p", { class: "note" }), make("ol", { class: "rows" }));
  }

  fill(box, { type, size, note, rows }, mark) {
    const state = JSON.stringify([type, size, note, rows, mark]);
    if (box.state === state) return;
    box.state = state;
    put(box.querySelector("summary span"), `${type}, ${count(size)}`);
    put(box.querySelector(".note"), note);
    const items = rows.map((row) => entry(row, mark));
    if (size > rows.length) items.push(make("li", { class: "rest", text: `and ${count(size - rows.length)} more` }));
    box.querySelector(".rows").replaceChildren(...items);
  }
}

function entry({ row, author, by, ...rest }, mark) {
  const more = Object.entries(rest).map(([name, value]) => (name === "kind" ? value : `${name} ${value}`));
  const item = make("li", { text: [`${row} ${by}`, ...more].join(", ") });
  const marked = row === mark.row ? "this post" : author === mark.author ? "this author" : "";
  if (!marked) return item;
  item.className = marked.replace(" ", "-");
  item.append(make("b", { text: marked }));
  return item;
}
