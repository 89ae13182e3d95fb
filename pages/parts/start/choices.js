// The bets, which are also what goes on; and at the end the doors.

import { make } from "../live/make.js";

const EVENT = { 1: "Celebrity posts", 2: "Switch to Hybrid and post again" };

export class Choices {
  /** `bet` takes an answer's slug or null, and the button that was pressed. */
  constructor(box, bet) {
    Object.assign(this, { box, bet });
  }

  /** `ask` of the engine, or null: nothing is asked now. */
  show(ask) {
    const key = ask ? `${ask.round} ${ask.running}` : "";
    if (key === this.key) return;
    this.key = key;
    const held = this.box.contains(document.activeElement);
    this.box.hidden = !ask;
    this.box.replaceChildren(...(ask ? this.buttons(ask) : []));
    if (held) this.box.closest(".story").querySelector(".sentence").focus(); // what was focused is gone
  }

  buttons({ round, answers, running }) {
    const bets = answers.map(({ slug, label }) =>
      make("button", { class: "bet", "data-answer": slug, text: label, onclick: (event) => this.bet(slug, event.currentTarget) }));
    const none = make("button", { class: "event", "data-event-only": true, text: EVENT[round], onclick: (event) => this.bet(null, event.currentTarget) });
    const words = (text) => make("span", { class: "or", text });
    return running ? [words("Your bet still counts:"), ...bets] : [...bets, words("or no bet:"), none];
  }
}

/** What to try next: two more runs here, and three pages on the same world. */
export function doors(box, links, world, tries) {
  const to = (path) => `${path}?world=${encodeURIComponent(world)}`;
  box.replaceChildren(
    make("button", { class: "door", text: "Try twice the workers", onclick: tries.workers }),
    make("button", { class: "door", text: "Try pull", onclick: tries.pull }),
    ...links.map(({ label, path, text }) => make("a", { class: "door", href: to(path), target: "_self", text: label, "aria-description": text })),
  );
}
