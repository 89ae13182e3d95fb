// The right side: what the system did for one request, hop by hop, and what its store holds.

import { Diagram } from "../live/diagram.js";
import { put } from "../live/format.js";
import { spoken } from "./faces.js";
import { Kept } from "./kept.js";
import { Requests, nameOf } from "./requests.js";
import { Waterfall } from "./waterfall.js";

export class Inside {
  /** `now()`: virtual seconds; `knobForm`: the knobs that the diagram's stations open; `announce(text)` reads out. */
  constructor(box, link, theme, { now, knobForm, announce }) {
    Object.assign(this, { box, link, theme, now, knobForm, announce });
    this.find = (selector) => box.querySelector(selector);
    this.waterfall = new Waterfall(box);
    this.kept = new Kept(this.find(".kept"));
    this.requests = new Requests(box.closest(".board").querySelector(".requests"), (command) => link.ask(command), (request) => this.show(request));
    this.view = "hops";
    this.buttons = [...box.querySelectorAll("[data-view]")];
    this.buttons.forEach((button) => button.addEventListener("click", () => this.choose(button.dataset.view, button)));
    this.choose(this.view);
  }

  // Hops or diagram

  choose(view, button) {
    const changed = view !== this.view;
    this.view = view;
    this.box.classList.toggle("with-diagram", view === "diagram");
    this.find(".hops-view").hidden = this.find(".kept").hidden = view === "diagram";
    this.find(".diagram-view").hidden = view !== "diagram";
    this.buttons.forEach((each) => each.setAttribute("aria-pressed", String(each.dataset.view === view)));
    if (view === "diagram" && !this.diagram) this.makeDiagram();
    if (changed) this.ask(button);
  }

  makeDiagram() {
    const send = (command, element, undo) => this.link.send(command, element, undo);
    this.diagram = new Diagram(this.find(".diagram-view"), this.theme, { send, knobForm: this.knobForm });
    if (this.knobs) this.diagram.knobsChanged(this.knobs);
  }

  /** The engine sends the diagram only while it is seen. */
  ask(button) {
    this.link.send({ do: "view", view: this.view === "diagram" ? "diagram" : "crowd" }, button);
  }

  connected({ world }) {
    this.knobsChanged(world.knobs);
    if (this.view === "diagram") this.ask();
  }

  knobsChanged(knobs) {
    this.knobs = knobs;
    this.diagram?.knobsChanged(knobs);
  }

  repaint() {
    this.diagram?.repaint();
  }

  // One request

  add(trace, author) {
    this.requests.add(trace, author);
  }

  get trace() {
    return this.requests.selected?.trace ?? null;
  }

  show({ trace, author }) {
    put(this.find(".request-name"), `${nameOf(trace)}, as ${spoken(trace.name).name}`);
    put(this.find(".summary"), trace.summary);
    this.waterfall.show(trace, this.now() * 1000 - trace.at_s * 1000);
    this.kept.show(trace.keys, { row: trace.row, author });
    this.showWaits();
    if (trace.done && trace.id > (this.announced ?? -1)) {
      this.announced = trace.id;
      this.announce(trace.summary);
    }
  }

  tick(tick) {
    this.paused = tick.paused;
    this.showWaits();
    if (tick.knobs) this.knobsChanged(tick.knobs);
    if (tick.diagram) this.diagram?.show(tick.diagram, tick.paused);
  }

  showWaits() {
    this.find(".waits").hidden = !(this.paused && this.trace && !this.trace.done);
  }

  clear() {
    this.requests.clear();
    this.waterfall.clear();
    this.kept.clear();
    put(this.find(".request-name"), "");
    put(this.find(".summary"), "Post, like or follow, or open a timeline: each thing the system does for it stands here.");
    this.showWaits();
  }

  stop() {
    this.requests.stop();
    this.diagram?.stop();
  }
}
