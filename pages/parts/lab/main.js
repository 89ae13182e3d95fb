// The live part of the Load lab: one websocket feeds verdict, tiles, crowd and charts.

import { Crowd } from "../live/canvas.js";
import { Card } from "../live/card.js";
import { Charts } from "../live/charts.js";
import { Diagram } from "../live/diagram.js";
import { savePicture } from "../live/export.js";
import { count, put } from "../live/format.js";
import { Hint } from "../live/hint.js";
import { History } from "../live/history.js";
import { Rail } from "../live/rail.js";
import { Socket } from "../live/socket.js";
import { Stage } from "../live/stage.js";
import { Status } from "../live/status.js";
import { Theme } from "../live/theme.js";
import { Views } from "../live/views.js";
import { mounted } from "../live/mounted.js";
import { Notice, news } from "../live/notice.js";

const MORE_KEY = "murmuration.more-charts";
const HOME_SLO_MS = 300;
const LOST = "The connection to this world was lost; trying again by itself.";
const REOPEN_MS = 2500;

class Lab {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.python = (command) => setTriggerValue("command", command);
    this.theme = new Theme(root);
    this.labels = data.form.strategies;
    this.history = new History((label) => this.strategyIn(label));
    const send = (command, element, undo) => this.send(command, element, undo);
    this.status = new Status(root, send);
    this.stage = new Stage(root, send);
    this.crowd = new Crowd(root.querySelector(".crowd"), this.theme, (index) => this.stage.flash(index));
    this.card = new Card(root.querySelector(".stage"), this.crowd, (user) => this.askPerson(user));
    this.rail = new Rail(root.querySelector(".rail"), data.form, send, (command) => this.openWorld(command));
    this.charts = new Charts(root.querySelector(".charts"), data.charts.main, 1, (flag) => this.follow(flag));
    this.diagram = new Diagram(root.querySelector(".stage > .diagram"), this.theme, { send, knobForm: data.form.all });
    this.views = new Views(root, send, () => this.stage.reset(this.full));
    this.hint = new Hint(root);
    this.moreCharts(data.charts.more);
    root.querySelector(".png").addEventListener("click", () => this.tick && savePicture(this));
    root.querySelector(".copy").addEventListener("click", (event) => this.copyLink(event.currentTarget));
    this.notice = new Notice(root);
    this.connect(data.world);
    this.hear(data.notice);
    this.exposeForTests();
  }

  /** Streamlit ran the page again: only what it brought new matters. */
  update({ data }) {
    if (data.world !== this.world) this.connect(data.world);
    this.hear(data.notice);
    if (this.theme.read()) this.repaint();
  }

  /** What Python has to say, if that is new: of a world that was opened, or refused. */
  hear(notice) {
    const told = news(notice);
    if (!told) return;
    this.opening = false;
    this.rail.opened();
    this.say(told.text);
  }

  connect(world) {
    this.socket?.stop();
    clearTimeout(this.again);
    this.world = world;
    this.root.querySelector(".csv").href = `/v1/worlds/${encodeURIComponent(world)}/series.csv`;
    this.socket = new Socket(world, {
      full: (message) => this.reset(message),
      tick: (message) => this.onTick(message),
      binary: (bytes) => this.crowd.receive(bytes),
      state: (state) => this.online(state === "up"),
      gone: () => this.reopen(),
    });
  }

  /** A command over the socket: `element` shows that it was heard, `undo` runs if it is refused. */
  send(command, element, undo) {
    element?.setAttribute("aria-busy", "true");
    const sent = this.socket.send(command, (answer) => {
      element?.removeAttribute("aria-busy");
      if (answer.type !== "error") return this.say(null);
      undo?.();
      if (answer.message) this.say(answer.message);
    });
    if (sent) return;
    element?.removeAttribute("aria-busy");
    undo?.();
    this.say("Not connected to the world just now; trying again by itself.");
  }

  askPerson(user) {
    this.socket.send({ do: "person", user }, (answer) => answer.type === "person" && this.card.person(answer));
  }

  /** The rest needs Python: another world, or the same one again after it was closed for standing idle. */
  openWorld(command) {
    this.opening = true;
    this.python({ do: "open", ...command });
  }

  reopen() {
    if (this.opening) return; // it was closed because another one takes its place
    const { name, knobs } = this.full?.world ?? {};
    this.python({ do: "reopen", world: name, strategy: this.tick?.strategy, knobs });
    this.again = setTimeout(() => this.connect(this.world), REOPEN_MS); // it may be there again by then; else once more
  }

  reset(full) {
    if (!full.world) return this.status.verdict(full.tick.verdict); // it broke, and has no last picture
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

  copyLink(button) {
    button.setAttribute("aria-busy", "true");
    this.socket.send({ do: "link" }, async (answer) => {
      button.removeAttribute("aria-busy");
      if (answer.type === "error") return this.say(answer.message);
      const address = `${location.origin}/load?${answer.query}`;
      try {
        await navigator.clipboard.writeText(address);
        this.say("Copied: whoever opens this link gets the same world, seed, design and event.");
      } catch {
        this.say(address); // no clipboard here: to be copied by hand
      }
    });
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

  online(up) {
    this.root.classList.toggle("offline", !up);
    if (up) this.notice.unsay(LOST);
    if (!up && this.full && !this.offline) this.say(LOST);
    this.offline = !up;
  }

  say(text) {
    this.notice.say(text);
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
      get world() { return lab.world; },
    };
  }

  stop() {
    clearTimeout(this.again);
    for (const part of [this.socket, this.crowd, this.card, this.charts, this.more, this.diagram]) part.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the lab itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Lab);
}
