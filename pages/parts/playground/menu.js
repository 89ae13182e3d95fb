// The menu of a post: what one can do with it and with its author. One at a time; Escape and a click beside it close it.

import { make } from "../live/make.js";

export class Menu {
  constructor(root) {
    this.root = root;
    this.box = make("div", { class: "menu", role: "menu", hidden: true });
    this.box.hidden = true;
    root.append(this.box);
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.outside = (event) => this.button && !this.box.contains(event.target) && !this.button.contains(event.target) && this.close(false);
    document.addEventListener("pointerdown", this.outside);
    this.box.addEventListener("focusout", (event) => this.button && event.relatedTarget && !this.box.contains(event.relatedTarget) && this.close(false));
  }

  /** `items`: [{text, hint, press}]. */
  open(button, items) {
    if (this.button === button) return this.close();
    this.close(false);
    this.button = button;
    button.setAttribute("aria-expanded", "true");
    this.box.setAttribute("aria-label", button.getAttribute("aria-label"));
    this.box.replaceChildren(...items.map(({ text, hint, press }) =>
      make("button", { role: "menuitem", tabindex: "-1", onclick: () => {
        this.close();
        press(button);
      } }, text, hint ? make("small", { text: hint }) : null)));
    this.box.hidden = false;
    const at = button.getBoundingClientRect();
    const box = this.box.getBoundingClientRect();
    this.box.style.left = `${Math.max(8, at.right - box.width)}px`;
    this.box.style.top = `${at.bottom + box.height + 8 < innerHeight ? at.bottom + 4 : at.top - box.height - 4}px`;
    this.box.firstElementChild?.focus();
  }

  key(event) {
    const items = [...this.box.children];
    const at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape" || event.key === "Tab") this.close();
    else if (to !== undefined) items[(to + items.length) % items.length].focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }

  close(back = true) {
    if (!this.button) return;
    const { button } = this;
    this.button = null;
    button.setAttribute("aria-expanded", "false");
    this.box.hidden = true;
    if (back) button.focus();
  }

  stop() {
    document.removeEventListener("pointerdown", this.outside);
  }
}
