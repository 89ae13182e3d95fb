// The first minute: a bet, a burst, and what another strategy makes of it. What is said is the engine's (engine/live/story.py).

import { Crowd } from "../live/canvas.js";
import { Card } from "../live/card.js";
import { Charts } from "../live/charts.js";
import { put } from "../live/format.js";
import { Hint } from "../live/hint.js";
import { History } from "../live/history.js";
import { Link } from "../live/link.js";
import { mounted } from "../live/mounted.js";
import { Stage } from "../live/stage.js";
import { showTile, showVerdict } from "../live/status.js";
import { Theme } from "../live/theme.js";
import { Transport } from "../live/transport.js";
import { Choices, doors } from "./choices.js";
import { Kept } from "./kept.js";
import { Telling } from "./telling.js";

const TILES = ["fanout_lag", "home_latency"];
const HOME_SLO_MS = 300;
const OUTLINE_MS = 1000;
const RING_AGAIN_MS = 750;
const FORWARD_AFTER_MS = 1500;
const CHECK_MS = 200;

class Start {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.links = data.doors;
    this.labels = data.strategies;
    this.theme = new Theme(root);
    this.history = new History((label) => this.labels.find((s) => label.includes(s.label))?.slug);
    this.link = new Link(root, (command) => setTriggerValue("command", command), {
      full: (message) => this.reset(message),
      tick: (message) => this.onTick(message),
      binary: (bytes) => this.crowd.receive(bytes),
    });
    const send = (...words) => this.link.send(...words);
    this.stage = new Stage(root, send);
    this.transport = new Transport(root, send);
    this.crowd = new Crowd(this.find(".crowd"), this.theme, (index) => this.stage.flash(index));
    this.card = new Card(this.find(".stage"), this.crowd, (user) => this.askPerson(user));
    this.charts = new Charts(this.find(".charts"), data.charts, 1);
    this.hint = new Hint(root);
    this.choices = new Choices(this.find(".choices"), (answer, button) => this.bet(answer, button));
    this.find(".skip").addEventListener("click", () => this.skip());
    this.find(".forward").addEventListener("click", () => this.forward());
    this.connect(data.world);
    this.link.hear(data.notice);
    this.timer = setInterval(() => this.telling?.goOn(), CHECK_MS);
    this.exposeForTests();
  }

  update({ data }) {
    if (data.world !== this.link.world) this.connect(data.world);
    this.link.hear(data.notice);
    if (this.theme.read()) this.repaint();
  }

  connect(world) {
    this.kept = new Kept(world);
    this.link.connect(world);
  }

  reset(full) {
    this.full = full;
    this.ghost = full.ghost;
    this.story = null;
    this.telling = new Telling(this.kept, (line) => this.tell(line));
    this.history.reset(full.series, full.tick.strategy, full.flags);
    this.stage.reset(full);
    this.crowd.reset(full.bands);
    this.card.reset(full.world.dot_ids);
    doors(this.find(".doors"), this.links, full.world.id, { workers: (e) => this.tryWorkers(e), pull: (e) => this.tryPull(e) });
    this.askStory();
    this.onTick({ ...full.tick, series: {}, flags: [] });
  }

  /** With every tick from now on; the bets made before, so that they are named. */
  async askStory() {
    const told = await this.link.act({ do: "story", on: true, first: this.kept.get("first"), second: this.kept.get("second") });
    if (!told) return;
    this.followers = told;
    this.onStory(told.story);
  }

  onTick(tick) {
    this.tick = tick;
    this.history.append(tick.series, tick.strategy, tick.flags ?? []);
    if (tick.ghost !== undefined) this.ghost = tick.ghost;
    if (tick.knobs) this.full.world.knobs = tick.knobs;
    if (this.theme.read()) this.crowd.repaint();
    showVerdict(this.find, tick.verdict);
    this.transport.show(tick);
    this.root.querySelectorAll(".tile").forEach((element, i) => {
      const tile = tick.tiles.find(({ metric }) => metric === TILES[i]);
      if (tile) showTile(element, tile, this.theme.palette);
    });
    put(this.find(".crowd-text"), tick.text);
    put(this.find(".since"), tick.since ?? "");
    this.find(".since").tabIndex = tick.since ? 0 : -1;
    this.stage.show(tick, this.crowd.lens, this.theme);
    this.find(".back").hidden = this.crowd.lens === "behind";
    if (tick.story) this.onStory(tick.story);
    this.drawCharts();
  }

  // The story

  onStory(story) {
    const fresh = story.state === "quiet" && this.kept.get("state") && this.kept.get("state") !== "quiet";
    if (fresh) this.kept.clear(); // the world began again, and so does its story
    this.story = story;
    this.kept.set({ state: story.state });
    this.telling.hear(story.lines);
    this.show();
  }

  /** A sentence's turn has come: say it, and lead the eye. */
  tell(line) {
    const paused = this.tick.paused && ["dots", "follow"].includes(line.key);
    put(this.find(".sentence"), paused ? "This world is paused. Resume it, and the story goes on." : line.text);
    if (this.told !== line.key) {
      this.told = line.key;
      if (line.key === "follow") this.ringAuthor();
      if (line.key === "bill") this.lead(this.root.querySelectorAll(".tile")[1]);
      if (line.key === "draining" && !this.skipped) setTimeout(() => this.forwardByItself(), FORWARD_AFTER_MS);
    }
    this.show();
  }

  /** Before the bet a paused world would say nothing more. */
  words(line) {
    const waits = this.tick.paused && ["dots", "follow"].includes(line.key);
    return waits ? "This world is paused. Resume it, and the story goes on." : line.text;
  }

  /** What belongs to the present line: choices, chips, the end. */
  show() {
    const { story } = this;
    const key = this.telling?.line?.key;
    if (!story) return;
    const own = { 1: this.kept.get("first"), 2: this.kept.get("second") };
    const reached = { 1: !["dots", "follow"].includes(key), 2: key === "second_bet" };
    const open = story.ask && reached[story.ask.round] && !own[story.ask.round] && !this.skipped;
    this.choices.show(open ? story.ask : null);
    const ended = key === "end" || key === "tried" || this.skipped;
    this.find(".doors").hidden = !ended;
    this.find(".since").hidden = !ended; // also while it is empty, or the doors would move when it comes
    if (this.skipped && !["end", "tried"].includes(key)) put(this.find(".sentence"), "Your turn.");
    else if (this.telling.line) put(this.find(".sentence"), this.words(this.telling.line));
    put(this.find(".skip"), this.skipped ? "Back to the story" : "Skip");
    this.find(".skip").hidden = !this.skipped && ended;
    const chip = this.find(".forward");
    const running = this.tick.speed === 10;
    chip.hidden = !(story.state === "draining" && key === "draining") && !(running && story.state === "draining");
    chip.setAttribute("aria-pressed", String(running));
  }

  get skipped() {
    return Boolean(this.kept.get("skipped"));
  }

  skip() {
    const skipped = !this.skipped;
    this.kept.set({ skipped });
    this.show();
    if (skipped) this.find(".doors").firstElementChild.focus();
  }

  async bet(answer, button) {
    const done = await this.link.act({ do: "bet", answer }, button);
    if (done) this.kept.set({ [done.round === 1 ? "first" : "second"]: answer ?? "none" });
    this.show();
  }

  forward() {
    this.kept.set({ watched: this.tick.speed === 10 });
    this.link.act(this.tick.speed === 10 ? { do: "speed", x: 1 } : { do: "fast_forward" }, this.find(".forward"));
  }

  /** Once, unless it was stopped by hand. */
  forwardByItself() {
    if (this.story?.state === "draining" && !this.kept.get("watched") && this.tick.speed === 1 && !this.tick.paused) {
      this.link.act({ do: "fast_forward" }, this.find(".forward"));
    }
  }

  async tryWorkers(event) {
    const button = event.currentTarget;
    const began = this.story?.began ?? { strategy: "push", workers: this.full.world.knobs["workers.count"] };
    const set = { "workers.count": began.workers * 2 };
    if (!(await this.link.act({ do: "strategy", name: began.strategy }, button))) return;
    if (await this.link.act({ do: "knobs", set }, button)) await this.link.act({ do: "inject", name: "celebrity" }, button);
  }

  async tryPull(event) {
    const button = event.currentTarget;
    if (await this.link.act({ do: "strategy", name: "pull" }, button)) await this.link.act({ do: "inject", name: "celebrity" }, button);
  }

  // Leading the eye

  ringAuthor() {
    if (!this.followers || this.followers.author === null) return;
    this.crowd.outline(this.followers.followers, OUTLINE_MS);
    this.stage.flash(this.followers.author);
    setTimeout(() => this.stage.flash(this.followers.author), RING_AGAIN_MS);
  }

  lead(element) {
    element.classList.add("led");
    setTimeout(() => element.classList.remove("led"), OUTLINE_MS);
  }

  // Drawing

  drawCharts() {
    if (!this.tick) return;
    const slo = { lag: this.full.world.slo_ms / 1000, home: this.full.world.knobs["slo.home_ms"] ?? HOME_SLO_MS };
    const fast = this.tick.speed >= 100 || this.tick.speed === 0;
    this.charts.draw({ history: this.history, ghost: this.ghost, theme: this.theme, slo, fast, marks: { lag: this.marks() } });
  }

  marks() {
    const { peak, bet } = this.story ?? {};
    const marks = [];
    if (bet) marks.push({ level: true, t: bet.t, y: bet.lag_s, label: `your bet: ${bet.label}` });
    if (peak) marks.push({ t: peak.t, y: peak.lag_s });
    return marks;
  }

  askPerson(user) {
    this.link.ask({ do: "person", user }).then((answer) => this.card.person(answer), () => {});
  }

  repaint() {
    this.crowd.repaint();
    if (this.tick) this.onTick({ ...this.tick, series: {}, flags: [] });
  }

  exposeForTests() {
    const start = this;
    window.__murmuration = {
      bands: () => start.crowd.bands(),
      get tick() { return start.tick; },
      get story() { return start.story; },
      get line() { return start.telling?.line; },
      get world() { return start.link.world; },
      drawn: (chart) => start.charts.plot.data?.find((trace) => trace.name?.includes(`${chart}, ${chart}`))?.y,
      marks: () => start.marks(),
      ghost: () => start.ghost,
      rings: () => start.crowd.rings.size,
    };
  }

  stop() {
    clearInterval(this.timer);
    for (const part of [this.link, this.crowd, this.card, this.charts]) part.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the element itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Start);
}
