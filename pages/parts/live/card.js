// Who is this: hover, focus and arrow keys point at one person, Enter or a click pins the card. It stays in its corner.

import { dotAt, neighbour } from "./curve.js";

const ASK_AFTER_MS = 120;
const REFRESH_MS = 1000;
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Card {
  constructor(stage, crowd, ask) {
    this.crowd = crowd;
    this.ask = ask;
    this.box = stage.querySelector(".crowd");
    this.ring = stage.querySelector(".ring");
    this.card = stage.querySelector(".card");
    this.dot = -1;
    this.pinned = false;
    this.ids = [];
    this.box.addEventListener("pointermove", (event) => this.pinned || this.show(this.under(event)));
    this.box.addEventListener("pointerleave", () => this.pinned || this.hide());
    this.box.addEventListener("click", (event) => this.pin(this.under(event)));
    this.box.addEventListener("blur", () => this.pinned || this.hide());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.timer = setInterval(() => this.dot >= 0 && this.card.hidden === false && this.ask(this.ids[this.dot]), REFRESH_MS);
  }

  /** A new world: the user behind each dot. */
  reset(ids) {
    const same = ids.length === this.ids.length && ids.every((id, dot) => id === this.ids[dot]);
    this.ids = ids;
    if (same) return;
    this.pinned = false;
    this.hide();
  }

  under(event) {
    const { left, top } = this.box.getBoundingClientRect();
    return this.crowd.place ? dotAt(this.crowd.place, event.clientX - left, event.clientY - top) : -1;
  }

  key(event) {
    const step = STEPS[event.key];
    if (step && this.crowd.place) {
      event.preventDefault();
      this.pinned = false;
      this.show(this.dot < 0 ? 0 : neighbour(this.crowd.place, this.dot, ...step));
    } else if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.pin(this.dot);
    } else if (event.key === "Escape") {
      this.pinned = false;
      this.hide();
    }
  }

  pin(dot) {
    const same = this.pinned && dot === this.dot;
    this.pinned = dot >= 0 && !same;
    if (dot >= 0) this.show(dot);
    else this.hide();
    this.card.classList.toggle("pinned", this.pinned);
  }

  show(dot) {
    if (dot < 0) return this.hide();
    if (dot === this.dot && !this.card.hidden) return;
    this.dot = dot;
    this.place();
    clearTimeout(this.wait);
    this.wait = setTimeout(() => this.ask(this.ids[dot]), ASK_AFTER_MS);
  }

  place() {
    const { place, height, width } = this.crowd;
    if (!place || this.dot < 0) return;
    const size = place.pitch + 4;
    this.ring.hidden = false;
    this.ring.style.cssText = `width:${size}px;height:${size}px;transform:translate(${place.x[this.dot] - size / 2}px,${place.y[this.dot] - size / 2}px)`;
    const underCard = place.y[this.dot] < 100 && place.x[this.dot] > width - 300;
    this.card.classList.toggle("below", underCard && height > 200);
  }

  hide() {
    clearTimeout(this.wait);
    this.dot = -1;
    this.ring.hidden = true;
    this.card.hidden = true;
    this.card.classList.remove("pinned");
  }

  /** The answer of the engine. */
  person({ user, line }) {
    if (this.dot < 0 || this.ids[this.dot] !== user) return;
    if (this.card.textContent !== line) this.card.textContent = line;
    this.card.hidden = false;
  }

  stop() {
    clearInterval(this.timer);
    clearTimeout(this.wait);
  }
}
