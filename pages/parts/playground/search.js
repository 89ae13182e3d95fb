// A search for people by name, @name or number, with a list for the keyboard.

import { put } from "../live/format.js";
import { make } from "../live/make.js";
import { face, spoken } from "./faces.js";
import { many } from "./words.js";

const WAIT_MS = 120;

export class Search {
  /** `find(text)` answers people; `choose(user)` takes one. */
  constructor(box, find, choose) {
    Object.assign(this, { box, find, choose });
    this.input = box.querySelector("input");
    this.list = box.querySelector("[role=listbox]");
    this.found = [];
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.close(), WAIT_MS));
    this.input.addEventListener("focus", () => this.input.value.trim() && this.later());
    this.none = box.querySelector(".none");
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), WAIT_MS);
  }

  async look() {
    const text = this.input.value.trim();
    if (!text) return this.close();
    let users = [];
    let said = null;
    try {
      users = (await this.find(text)).users;
    } catch (refused) {
      said = refused.message;
    }
    if (text !== this.input.value.trim()) return;
    this.show(users, said ?? (users.length ? "" : `Nobody here is called "${shorten(text)}". Try a name, @name or number.`));
  }

  show(users, none) {
    this.found = users;
    this.at = users.length ? 0 : -1;
    this.list.replaceChildren(...users.map((user, i) => this.option(user, i)));
    this.list.hidden = !users.length;
    this.input.setAttribute("aria-expanded", String(users.length > 0));
    put(this.none, none);
    this.none.hidden = !none;
    this.mark();
  }

  option(user, i) {
    const { name, handle } = spoken(user.name);
    const option = make("li", { role: "option", id: `${this.list.id}-${i}`, class: "found", onpointerdown: (event) => {
      event.preventDefault();
      this.pick(i);
    } }, face(user.user, user.name), make("b", { text: name }), make("span", { text: handle }),
      make("small", { text: many(user.followers, "follower") }));
    return option;
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.found.length) {
      event.preventDefault();
      this.at = (this.at + step + this.found.length) % this.found.length;
      this.mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Escape") {
      this.input.value = "";
      this.close();
    }
  }

  /** Enter may come before the answer: then it waits for it. */
  async enter() {
    clearTimeout(this.timer);
    const fresh = this.found.length && !this.list.hidden && this.asked === this.input.value;
    if (!fresh) await this.look();
    if (this.found.length) this.pick(Math.max(0, this.at));
  }

  mark() {
    this.asked = this.input.value;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === this.at)));
    if (this.at >= 0) this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  pick(i) {
    const { user } = this.found[i];
    this.input.value = "";
    this.close();
    this.choose(user);
  }

  close() {
    clearTimeout(this.timer);
    this.show([], "");
  }
}

const shorten = (text) => (text.length > 24 ? `${text.slice(0, 24)}…` : text);
