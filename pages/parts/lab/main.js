// The live part of the Load lab: one websocket feeds verdict, tiles, crowd and charts.

import { Crowd } from "../live/canvas.js";
import { Card } from "../live/card.js";
import { Charts } from "../live/charts.js";
import { Diagram } from "../live/diagram.js";
import { savePicture } from "../live/export.js";
import { count, put } from "../live/format.js";
import { Hint } from "../live/hint.js";
import { History } from "../live/history.js";
import { Link } from "../live/link.js";
import { Rail } from "../live/rail.js";
import { Stage } from "../live/stage.js";
import { Status } from "../live/status.js";
import { Theme } from "../live/theme.js";
import { Views } from "../live/views.js";
import { mounted } from "../live/mounted.js";

const MORE_KEY = "murmuration.more-charts";
const HOME_SLO_MS = 300;

class Lab {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.link = new Link(root, (command) => setTriggerValue("command", command), {
      full: (message) => this.reset(message),
      tick: (message) => this.onTick(message),
      binary: (bytes) => this.crowd.receive(bytes),
      broke: (message) => this.status.verdict(message.tick.verdict), // it has no last picture
    });
    this.theme = new Theme(root);
    this.labels = data.form.strategies;
    this.history = new History((label) => this.strategyIn(label));
    const send = (command, element, undo) => this.link.send(command, element, undo);
    this.status = new Status(root, send);
    this.stage = new Stage(root, send);
    this.crowd = new Crowd(root.querySelector(".crowd"), this.theme, (index) => this.stage.flash(index));
    this.card = new Card(root.querySelector(".stage"), this.crowd, (user) => this.askPerson(user));
    this.rail = new Rail(root.querySelector(".rail"), data.form, send, (command) => this.link.leave({ do: "open", ...command }));
    this.charts = new Charts(root.querySelector(".charts"), data.charts.main, 1, (flag) => this.follow(flag));
    this.diagram = new Diagram(root.querySelector(".stage > .diagram"), this.theme, { send, knobForm: data.form.all });
    this.views = new Views(root, send, () => this.stage.reset(this.full));
    this.hint = new Hint(root);
    this.moreCharts(data.charts.more);
    root.querySelector(".png").addEventListener("click", () => this.tick && savePicture(this));
    root.querySelector(".copy").addEventListener("click", (event) => this.copyLink(event.currentTarget));
    this.connect(data.world);
    this.hear(data.notice);
    this.exposeForTests();
  }

  /** Streamlit ran the page again: only what it brought new matters. */
  update({ data }) {
    if (data.world !== this.link.world) this.connect(data.world);
    this.hear(data.notice);
    if (this.theme.read()) this.repaint();
  }

  /** What Python has to say, if that is new: of a world that was opened, or refused. */
  hear(notice) {
    if (this.link.hear(notice)) this.rail.opened();
  }

  connect(world) {
    this.root.querySelector(".csv").href = `/v1/worlds/${encodeURIComponent(world)}/series.csv`;
    this.link.connect(world);
  }

  async askPerson(user) {
    this.card.person(await this.link.ask({ do: "person", user }).catch(() => ({ user: null })));
  }

  reset(full) {
    this.full = full;
    this.root.classList.remove("restarting");
    this.ghost = full.ghost;
    this.history.reset(full.series, full.tick.strategy ?? full.world.strategy, full.flags);
    this.stage.reset(full);
    this.crowd.reset(full.bands);
    this.card.reset(full.world.dot_ids);
    this.rail.reset(full.world);
    this.diagram.knobsChanged(full.world.knobs);
    this.views.connected();
    put(this.root.querySelector(".identity"), this.identity());
    this.onTick({ ...full.tick, series: {}, flags: [] });
  }

  onTick(tick) {
    if (!this.full) return;
    this.tick = tick;
    this.history.append(tick.series, tick.strategy, tick.flags ?? []);
    if (tick.ghost !== undefined) this.ghost = tick.ghost;
    if (tick.knobs) {
      this.rail.knobsChanged(tick.knobs, this.full.world);
      this.diagram.knobsChanged(tick.knobs);
    }
    if (tick.diagram) this.diagram.show(tick.diagram, tick.paused);
    if (this.theme.read()) this.crowd.repaint();
    this.crowd.holding = tick.speed >= 100 || tick.speed === 0;
    this.status.show(tick, this.theme.palette);
    this.stage.show(tick, this.crowd.lens, this.theme);
    this.rail.tick(tick.strategy);
    this.drawCharts();
  }

  async copyLink(button) {
    const answer = await this.link.act({ do: "link" }, button);
    if (!answer) return;
    const address = `${location.origin}/load?${answer.query}`;
    try {
      await navigator.clipboard.writeText(address);
      this.link.say("Copied: whoever opens this link gets the same world, seed, design and event.");
    } catch {
      this.link.say(address); // no clipboard here: to be copied by hand
    }
  }

  drawCharts() {
    if (!this.tick) return;
    const slo = { lag: this.full.world.slo_ms / 1000, home: this.full.world.knobs["slo.home_ms"] ?? HOME_SLO_MS };
    const fast = (this.tick.speed >= 100 || this.tick.speed === 0) && !this.tick.slowed;
    const state = { history: this.history, ghost: this.ghost, theme: this.theme, slo, fast };
    this.charts.draw(state);
    if (this.more.box.closest("details").open) this.more.draw(state);
  }

  moreCharts(defs) {
    const details = this.root.querySelector("details.more");
    this.more = new Charts(this.root.querySelector(".more-charts"), defs, 4);
    details.open = localStorage.getItem(MORE_KEY) === "1";
    details.addEventListener("toggle", () => {
      localStorage.setItem(MORE_KEY, details.open ? "1" : "0");
      this.drawCharts();
    });
  }

  /** A flag was clicked: follow one of its posts. */
  follow(flag) {
    if (flag.kind !== "inject") return;
    this.views.choose("crowd");
    this.stage.choose("post", null, { author: flag.user ?? null });
  }

  strategyIn(label) {
    const words = label.toLowerCase();
    const longest = [...this.labels].sort((a, b) => b.label.length - a.label.length);
    return longest.find((s) => words.includes(s.label.toLowerCase()) || words.includes(s.slug))?.slug;
  }

  repaint() {
    this.crowd.repaint();
    if (this.tick) this.onTick({ ...this.tick, series: {}, flags: [] });
  }

  identity() {
    const { name, users, seed } = this.full.world;
    return `World ${name}, ${count(users)} people, seed ${seed}`;
  }

  design() {
    const strategy = this.labels.find((s) => s.slug === this.tick.strategy)?.label ?? this.tick.strategy;
    const workers = this.full.world.knobs["workers.count"];
    return `${strategy}, ${workers} ${workers === 1 ? "worker" : "workers"}`;
  }

  exposeForTests() {
    const lab = this;
    window.__murmuration = {
      bands: () => lab.crowd.bands(),
      post: () => lab.crowd.post(),
      get tick() { return lab.tick; },
      get lens() { return lab.crowd.lens; },
      get world() { return lab.link.world; },
    };
  }

  stop() {
    for (const part of [this.link, this.crowd, this.card, this.charts, this.more, this.diagram]) part.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the lab itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Lab);
}
