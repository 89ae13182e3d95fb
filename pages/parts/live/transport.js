// Time of a world: its clock, its speed, and the pause. Wherever a page has `.transport`.

import { put } from "./format.js";

const SPEED_NAMES = { 0: "max" };

export class Transport {
  constructor(root, send) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.send = send;
    root.querySelectorAll("[data-speed]").forEach((button) =>
      button.addEventListener("click", () => this.speed(button)));
    this.find(".pause").addEventListener("click", (event) =>
      send({ do: this.paused ? "resume" : "pause" }, event.currentTarget));
  }

  speed(button) {
    const x = Number(button.dataset.speed);
    this.mark(x);
    this.send({ do: "speed", x }, button);
  }

  mark(x) {
    this.root.querySelectorAll("[data-speed]").forEach((button) =>
      button.setAttribute("aria-pressed", String(Number(button.dataset.speed) === x)));
  }

  show(tick) {
    this.paused = tick.paused;
    put(this.find(".clock"), tick.clock);
    const achieved = tick.paused ? "paused" : tick.achieved ? `really ${formatSpeed(tick.achieved)}` : "measuring";
    if (!this.root.classList.contains("restarting")) put(this.find(".achieved"), achieved);
    this.mark(tick.speed);
    const pause = this.find(".pause");
    pause.setAttribute("aria-pressed", String(tick.paused));
    pause.setAttribute("aria-label", tick.paused ? "Resume" : "Pause");
    this.pauseHint ??= pause.dataset.hint;
    pause.dataset.hint = tick.paused ? "Let time go on." : this.pauseHint;
  }
}

export const speedName = (speed) => SPEED_NAMES[speed] ?? `${speed}x`;

const formatSpeed = (x) => `${x >= 9.95 ? Math.round(x) : x.toFixed(1)}x`;
