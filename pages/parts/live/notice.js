// The box at the foot of a page with one sentence: what was refused, or what became of the world.

import { put } from "./format.js";

export class Notice {
  constructor(root) {
    this.box = root.querySelector(".notice");
    this.box.querySelector(".close").addEventListener("click", () => this.say(null));
  }

  say(text) {
    this.text = text || null;
    this.box.hidden = !text;
    put(this.box.querySelector(".notice-text"), text ?? "");
  }

  /** Takes the sentence away, if it is still the one that is shown. */
  unsay(text) {
    if (this.text === text) this.say(null);
  }
}

/** What Python has to say, once: a page that is opened later must not say it again. */
export function news(notice) {
  if (!notice || notice.count <= (window.murmurationTold ?? 0)) return null;
  window.murmurationTold = notice.count;
  return notice;
}
