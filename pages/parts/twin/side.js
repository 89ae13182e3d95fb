// One side of the twin: its design, its verdict, its crowd, and the card that says why.

import { Crowd } from "../live/canvas.js";
import { put } from "../live/format.js";
import { History } from "../live/history.js";
import { make } from "../live/make.js";
import { strategyButton, stepped } from "../live/rail.js";
import { Socket } from "../live/socket.js";
import { showVerdict } from "../live/status.js";
import { WhyCard } from "./why.js";

const WORKERS = "workers.count";
const FAILS = "fanout.fail_rate";
const CRASHING = 0.3;
const SETTLE_MS = 350;
const MARK =
  '<svg class="mark" viewBox="0 0 20 20" aria-hidden="true"><circle class="ok" cx="10" cy="10" r="8" /><path class="watch" d="M10 1.5 L19 18 L1 18 Z" /><rect class="bad" x="2" y="2" width="16" height="16" /><circle class="off" cx="10" cy="10" r="7" /></svg>';

export const NAMES = ["A", "B"];

export class Side {
  /** `on` holds full(side), tick(side), past(side), state(side, up), gone and refused(sentence). */
  constructor(box, number, { theme, form, on }) {
    Object.assign(this, { number, form, on, name: NAMES[number] });
    this.history = new History((label) => form.strategies.find((s) => s.label === label)?.slug);
    this.build(box);
    this.crowd = new Crowd(this.element.querySelector(".crowd"), theme, () => {});
    this.card = new WhyCard(this.element.querySelector(".stage"), this.crowd, (user, pinned) => on.ask(this, user, pinned));
  }

  build(box) {
    const { form, name } = this;
    this.buttons = form.strategies.map((s) => strategyButton(s, () => this.choose(s.slug)));
    const strategies = make("div", { class: "strategies", role: "group", "aria-label": `Strategy of ${name}` }, ...this.buttons);
    this.workers = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", "aria-label": `Workers of ${name}`, onchange: () => this.setWorkers() });
    const step = (sign, by) => make("button", { text: sign, tabindex: -1, "aria-label": `Workers of ${name} ${by < 0 ? "down" : "up"}`, onclick: () => this.stepWorkers(by) });
    const workers = make("div", { class: "workers", hint: form.workers.text }, make("span", { text: "Workers" }), step("−", -1), this.workers, step("+", 1));
    this.crashes = make("button", { class: "crashes", text: "Crashes", "aria-pressed": "false", hint: `Workers of ${name} crash: ${CRASHING * 100} % of job attempts fail and are tried again later.`, onclick: () => this.toggleCrashes() });
    const verdict = make("div", { class: "verdict", "data-status": "off" });
    verdict.innerHTML = `${MARK}<h2 class="line"></h2><p class="because" hidden><span class="why"></span><span class="try"></span></p>`;
    verdict.tabIndex = 0;
    const label = `The crowd of ${name}. Arrow keys walk from person to person, Enter asks why this person has not got it.`;
    const crowd = make("div", { class: "crowd", tabindex: 0, role: "application", "aria-roledescription": "map of people", "aria-label": label }, make("canvas"), make("div", { class: "ring", hidden: true }));
    this.element = make(
      "section", { class: "side", "aria-label": `Side ${name}` },
      make("div", { class: "design", role: "group", "aria-label": `Design of ${name}` }, make("span", { class: "badge", text: name, "aria-hidden": "true" }), strategies, workers, this.crashes),
      verdict,
      make("div", { class: "stage" }, crowd, make("div", { class: "card", role: "status", hidden: true })),
      make("p", { class: "crowd-text", tabindex: "0", "data-hint": "" }),
    );
    this.find = (selector) => (selector === ".verdict" ? verdict : this.element.querySelector(selector));
    box.append(this.element);
  }

  connect(world) {
    this.socket?.stop();
    this.socket = new Socket(world, {
      full: (message) => this.reset(message),
      tick: (message) => this.onTick(message),
      past: (message) => this.onPast(message),
      binary: (bytes) => this.crowd.receive(bytes),
      state: (state) => this.on.state(this, state === "up"),
      gone: () => this.on.gone(),
    }, this.number);
  }

  /** The answer to a command; null, and the sentence said, when it was refused or could not be sent. */
  ask(command, element) {
    element?.setAttribute("aria-busy", "true");
    return new Promise((resolve) => {
      const heard = (answer) => {
        element?.removeAttribute("aria-busy");
        const refused = answer.type === "error";
        if (refused && answer.message) this.on.refused(answer.message);
        resolve(refused ? null : answer);
      };
      if (!this.socket.send(command, heard)) heard({ type: "error", message: "Not connected to the world just now; trying again by itself." });
    });
  }

  // Its design

  async choose(slug) {
    this.mark(slug);
    const button = this.buttons.find((b) => b.dataset.slug === slug);
    if (!(await this.ask({ do: "strategy", name: slug, side: this.number }, button))) this.mark(this.tick.strategy);
  }

  mark(slug) {
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.slug === slug)));
  }

  async setKnob(name, value, element) {
    if (!(await this.ask({ do: "knobs", set: { [name]: value }, side: this.number }, element))) this.showKnobs();
  }

  setWorkers() {
    const raw = this.workers.value.trim();
    this.setKnob(WORKERS, raw !== "" && Number.isFinite(Number(raw)) ? Number(raw) : raw, this.workers);
  }

  stepWorkers(by) {
    this.workers.value = stepped(Number(this.workers.value) || 0, by, this.form.workers);
    clearTimeout(this.settle);
    this.settle = setTimeout(() => this.setWorkers(), SETTLE_MS);
  }

  toggleCrashes() {
    this.setKnob(FAILS, this.knobs[FAILS] > 0 ? 0 : CRASHING, this.crashes);
  }

  showKnobs() {
    const typing = document.activeElement === this.workers && this.workers.value !== String(this.shownWorkers);
    if (!typing) this.workers.value = this.shownWorkers = this.knobs[WORKERS];
    this.crashes.setAttribute("aria-pressed", String(this.knobs[FAILS] > 0));
  }

  // What it shows

  reset(full) {
    if (!full.world) return showVerdict(this.find, full.tick.verdict); // it broke, and has no last picture
    this.full = full;
    this.past = null; // a whole picture is of now
    this.lookingBack = false;
    this.history.reset(full.series, full.tick.strategy, full.flags);
    this.crowd.reset(full.bands);
    this.card.reset(full.world.dot_ids);
    this.knobs = full.world.knobs;
    this.showKnobs();
    this.on.full(this);
    this.onTick({ ...full.tick, series: {}, flags: [] });
  }

  onTick(tick) {
    if (!this.full) return;
    this.tick = tick;
    this.history.append(tick.series, tick.strategy, tick.flags ?? []);
    if (tick.knobs) {
      this.knobs = tick.knobs;
      this.showKnobs();
    }
    if (!this.buttons.some((button) => button.getAttribute("aria-busy"))) this.mark(tick.strategy);
    this.crowd.holding = !this.past && (tick.speed >= 100 || tick.speed === 0);
    this.show();
    this.on.tick(this);
  }

  onPast(past) {
    if (!this.lookingBack) return; // it was on its way when the present was wanted again
    this.past = past;
    this.show();
    this.on.past(this);
  }

  /** Asks for an instant, or with null for the present. */
  lookAt(t) {
    this.lookingBack = t !== null;
    return this.ask({ do: "scrub", t });
  }

  /** Back in the present; the dots come with the next frame. */
  present() {
    this.lookingBack = false;
    this.past = null;
    this.show();
  }

  /** Words of the instant that is looked at. */
  show() {
    if (!this.tick) return;
    showVerdict(this.find, this.past ? this.past.verdict ?? NOBODY_LOOKED : this.tick.verdict);
    const { verdict } = this.past ?? this.tick;
    this.find(".verdict").dataset.hint = [verdict?.line, verdict?.why].filter(Boolean).join(" ");
    put(this.find(".crowd-text"), (this.past ?? this.tick).text);
  }

  stop() {
    clearTimeout(this.settle);
    this.socket?.stop();
    this.crowd.stop();
    this.card.stop();
  }
}

const NOBODY_LOOKED = { status: "off", line: "Nobody watched then, so no verdict was given.", why: "", try: "" };
