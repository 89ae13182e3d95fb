// The last requests of this tab: asked about until the last hop of each is done, and one of them shown.

import { make } from "../live/make.js";
import { put } from "../live/format.js";
import { spoken } from "./faces.js";
import { took } from "./words.js";

const KEPT = 10;
const POLL_MS = 250;
const REST_EVERY = 4;
const NAMES = {
  home: "Open home", profile: "Open a profile", replies: "Open a thread", post: "Post", reply: "Reply", repost: "Repost",
  undo_repost: "Undo repost", like: "Like", unlike: "Unlike", delete: "Delete", restore: "Restore", follow: "Follow",
  unfollow: "Unfollow", block: "Block", unblock: "Unblock", mute: "Mute", unmute: "Unmute",
};

export class Requests {
  /** `ask` sends a command; `show(request)` draws one: {trace, author}. */
  constructor(list, ask, show) {
    Object.assign(this, { list, ask, show });
    this.kept = [];
    this.turn = 0;
    this.timer = setInterval(() => this.poll(), POLL_MS);
  }

  /** Something was just asked of the world: it is what is looked at now. `author`: whom it was about. */
  add(trace, author) {
    this.kept = [{ trace, author }, ...this.kept.filter((request) => request.trace.id !== trace.id)].slice(0, KEPT);
    this.select(this.kept[0]);
  }

  select(request) {
    this.selected = request;
    this.draw();
    this.show(request);
  }

  /** The chosen one four times a second, the others once. */
  async poll() {
    if (this.asking || document.hidden) return;
    this.turn += 1;
    const due = this.kept.filter((request) => !request.trace.done && (request === this.selected || this.turn % REST_EVERY === 0));
    this.asking = true;
    try {
      for (const request of due) await this.look(request);
    } finally {
      this.asking = false;
    }
    if (due.length) this.draw();
  }

  async look(request) {
    try {
      request.trace = (await this.ask({ do: "trace", id: request.trace.id })).trace;
    } catch (refused) {
      if (refused.message) request.trace = { ...request.trace, done: true }; // forgotten: another run of this world
    }
    if (request === this.selected) this.show(request);
  }

  clear() {
    this.kept = [];
    this.selected = null;
    this.draw();
  }

  draw() {
    while (this.list.children.length > this.kept.length) this.list.lastElementChild.remove();
    this.kept.forEach((request, i) => this.drawOne(this.list.children[i] ?? this.item(), request));
  }

  item() {
    const item = make("li", {}, make("button", { class: "request", onclick: () => this.select(this.kept[[...this.list.children].indexOf(item)]) },
      make("span", { class: "what" }), make("span", { class: "by" }), make("span", { class: "took" })));
    this.list.append(item);
    return item;
  }

  drawOne(item, request) {
    const { trace } = request;
    put(item.querySelector(".what"), nameOf(trace));
    put(item.querySelector(".by"), spoken(trace.name).name);
    const known = trace.total_ms !== null;
    put(item.querySelector(".took"), known ? took(trace.total_ms) : trace.done ? "not known" : "running");
    item.firstElementChild.setAttribute("aria-pressed", String(request === this.selected));
  }

  stop() {
    clearInterval(this.timer);
  }
}

export const nameOf = (trace) => NAMES[trace.what] ?? trace.what;
