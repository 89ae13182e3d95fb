// The last minute of both crowds: a slider over virtual time. While it is not at its end, the crowds show that instant.

import { put, seconds } from "../live/format.js";

export class Scrubber {
  /** `look(t | null)` asks both sides for an instant and resolves when both have answered, with the range that is kept. */
  constructor(root, look) {
    this.input = root.querySelector("#twin-scrub");
    this.instant = root.querySelector(".instant");
    this.now = root.querySelector(".now");
    this.look = look;
    this.t = null;
    this.range = [0, 0];
    this.input.addEventListener("input", () => this.choose(Number(this.input.value)));
    this.now.addEventListener("click", () => this.choose(null));
  }

  /** Virtual time has come to `to`; of before `from` nothing is kept. */
  reach(from, to) {
    this.range = [from, to];
    this.input.min = from;
    this.input.max = to;
    if (this.t !== null && this.t < from) this.choose(from); // the world goes on, and its oldest moments are forgotten
    this.show();
  }

  choose(t) {
    this.t = t === null || t >= this.range[1] ? null : Math.max(t, this.range[0]);
    this.show();
    this.send();
  }

  /** One question at a time; of what was chosen meanwhile the last. */
  async send() {
    if (this.busy) return;
    this.busy = true;
    let asked;
    do {
      asked = this.t;
      await this.look(asked);
    } while (this.t !== asked);
    this.busy = false;
  }

  /** The worlds begin anew, or the connection did. */
  reset() {
    this.t = null;
    this.show();
  }

  show() {
    const [, to] = this.range;
    const shown = this.t ?? to;
    if (Number(this.input.value) !== shown) this.input.value = shown;
    const ago = Math.max(0, to - shown);
    const words = this.t === null ? "now" : `${ago.toFixed(1)} s ago, at ${seconds(shown)}`;
    put(this.instant, words);
    this.input.setAttribute("aria-valuetext", words);
    this.now.setAttribute("aria-pressed", String(this.t === null));
  }
}
