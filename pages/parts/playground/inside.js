// The right side: what the system did for one request, hop by hop, and what its store holds.

import { put } from "../live/format.js";
import { Kept } from "./kept.js";
import { Requests, nameOf } from "./requests.js";
import { Waterfall } from "./waterfall.js";

export class Inside {
  /** `now()`: virtual seconds. */
  constructor(box, link, theme, now) {
    Object.assign(this, { box, link, theme, now });
    this.find = (selector) => box.querySelector(selector);
    this.waterfall = new Waterfall(box);
    this.kept = new Kept(this.find(".kept"));
    this.requests = new Requests(box.closest(".board").querySelector(".requests"), (command) => link.ask(command), (request) => this.show(request));
  }

  add(trace, post, who) {
    this.requests.add(trace, { post, who });
  }

  get trace() {
    return this.requests.selected?.trace ?? null;
  }

  show({ trace, post, who }) {
    put(this.find(".request-name"), `${nameOf(trace)}${who ? `, as ${who}` : ""}`);
    put(this.find(".summary"), trace.summary);
    this.waterfall.show(trace, this.now() * 1000 - trace.at_s * 1000);
    this.kept.show(trace.keys ?? [], { row: post?.row ?? null, author: post?.author ?? null });
    this.showWaits();
  }

  tick(tick) {
    this.paused = tick.paused;
    this.showWaits();
  }

  showWaits() {
    this.find(".waits").hidden = !(this.paused && this.trace && !this.trace.done);
  }

  binary() {}

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
  }
}
