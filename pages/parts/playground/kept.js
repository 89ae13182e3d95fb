// What the store really holds under the keys that a request touched, this post and this author marked.

import { count, put } from "../live/format.js";
import { make } from "../live/make.js";

const OPEN = 3;
const UNKNOWN = "Nothing is stored under a key for this: the strategy keeps no list here, or the act changes no key.";

export class Kept {
  constructor(box) {
    this.keys = box.querySelector(".kept-keys");
  }

  /** `mark` holds the row of the post and the id of the author to be marked, either may be missing. */
  show(keys, mark) {
    const state = JSON.stringify([keys, mark]);
    if (state === this.state) return;
    this.state = state;
    const open = new Set([...this.keys.querySelectorAll("details[open]")].map((one) => one.dataset.key));
    const drawn = keys.map((key, i) => this.key(key, mark, i < OPEN || open.has(key.key)));
    this.keys.replaceChildren(...(drawn.length ? drawn : [make("p", { class: "none", text: UNKNOWN })]));
  }

  clear() {
    this.state = null;
    this.keys.replaceChildren();
  }

  key(key, mark, open) {
    const rows = key.rows ?? [];
    const list = make("ol", { class: "rows" }, ...rows.map((row) => this.row(row, mark)));
    const more = key.size - rows.length;
    if (more > 0) list.append(make("li", { class: "rest", text: `and ${count(more)} more` }));
    const box = make("details", { class: "stored", open },
      make("summary", {}, make("code", { text: key.key }), make("span", { text: `${key.type}, ${count(key.size)}` })),
      key.note ? make("p", { class: "note", text: key.note }) : null, list);
    box.dataset.key = key.key;
    return box;
  }

  row(row, mark) {
    const item = make("li");
    put(item, words(row));
    const [post, author] = typeof row === "object" && row ? [row.row, row.author] : [Number(row), undefined];
    if (mark.row !== null && post === mark.row) item.className = "this-post";
    else if (mark.author !== null && author !== undefined && author === mark.author) item.className = "this-author";
    if (item.className) item.append(make("b", { text: item.className === "this-post" ? "this post" : "this author" }));
    return item;
  }
}

function words(row) {
  if (typeof row !== "object" || row === null) return String(row);
  const { row: number, author: _, by, ...rest } = row;
  return [`${number} ${by}`, ...Object.entries(rest).map(([name, value]) => (name === "kind" ? value : `${name} ${value}`))].join(", ");
}
