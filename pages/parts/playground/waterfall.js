// What the system did for one request: its hops, one under the other, in the diagram's order, on one axis of virtual time.

import { ceiling, put } from "../live/format.js";
import { make } from "../live/make.js";
import { took } from "./words.js";

const HOPS = {
  guard: "Checks the request: who asks, what may be done, what a text may hold. Nothing has changed if it refuses.",
  journal: "Writes the act to disk before it takes effect, so that a crash cannot lose it.",
  accept: "The post gets its row in the posts table and enters its author's index: from here on it exists.",
  plan: "The strategy decides once: copied to followers' lists, or left for readers to fetch.",
  queue: "The jobs of this post wait in line for a worker.",
  worker: "Workers write the copies, batch by batch.",
  shard: "The copies arrive at the timeline shards; then they are readable.",
  gateway: "The door of the service: each request passes it.",
  list: "Reads the ready-made home list of this person from its timeline shard.",
  pull: "Asks the index of authors whose posts are not copied into lists.",
  hydrate: "Turns rows into posts: text, author, counts, out of the post cache.",
  database: "Fetches the bodies that the post cache did not have.",
  filter: "Drops what this reader must not see: deleted, blocked, muted, replies to strangers, doubles.",
  graph: "Changes who follows whom.",
  "back-fill": "Puts the author's newest posts into the follower's list.",
  sweep: "Takes the author's posts out of the follower's list.",
  judge: "Decides on the page what this person may see. Nothing is moved in the store.",
};
const KINDS = {
  modelled: "Modelled: the service time comes from the price list.",
  measured: "Measured: the wait came out of the queues of this run.",
  real: "Real: it is done at once in virtual time; a time here is wall time, as the commit on this machine's disk.",
};
const STATES = { waiting: "waits", running: "running" };

export class Waterfall {
  constructor(box) {
    this.list = box.querySelector(".hops");
    this.axis = box.querySelector(".axis");
  }

  /** `now_ms`: virtual ms since the request's instant. */
  show(trace, now_ms) {
    const ends = trace.hops.map((hop) => reach(hop, now_ms));
    const last = Math.max(0, ...ends);
    const end = ceiling(Math.max(0.01, last));
    this.axis.hidden = last === 0; // all of it was done at once
    while (this.list.children.length > trace.hops.length) this.list.lastElementChild.remove();
    trace.hops.forEach((hop, i) => this.row(this.list.children[i] ?? this.make(), hop, end, now_ms));
    this.drawAxis(end);
  }

  clear() {
    this.list.replaceChildren();
    this.axis.replaceChildren();
  }

  make() {
    const row = make("li", { class: "hop" }, make("span", { class: "name", tabindex: "0" }),
      make("span", { class: "track", "aria-hidden": "true" }, make("i", { class: "wait" }), make("i", { class: "service" })),
      make("span", { class: "time" }), make("span", { class: "kind", tabindex: "0" }), make("span", { class: "facts" }));
    this.list.append(row);
    return row;
  }

  row(row, hop, end, now_ms) {
    row.dataset.state = hop.state;
    row.dataset.kind = hop.kind;
    const [name, track, time, kind, facts] = row.children;
    put(name, hop.label);
    name.dataset.hint = HOPS[hop.hop] ?? hop.label;
    put(time, timeOf(hop, now_ms));
    put(kind, hop.state === "skipped" ? "" : hop.kind);
    kind.dataset.hint = KINDS[hop.kind] ?? "";
    put(facts, hop.facts);
    bars(track, hop, end, now_ms);
  }

  drawAxis(end) {
    const marks = [0, 0.5, 1].map((share) => (share ? took(end * share) : "0"));
    if (this.marks === marks.join()) return;
    this.marks = marks.join();
    this.axis.replaceChildren(...marks.map((text) => make("span", { text })));
  }
}

/** Where a hop ends on the axis, as far as it is known. Wall time has no place on an axis of virtual time. */
const reach = (hop, now_ms) => {
  if (hop.kind === "real" || hop.start_ms === null) return 0;
  if (hop.end_ms !== null) return hop.end_ms;
  return hop.state === "running" || hop.state === "waiting" ? Math.max(now_ms, hop.start_ms) : hop.start_ms;
};

function timeOf(hop, now_ms) {
  if (hop.state === "done" && hop.kind === "real" && hop.service_ms !== null) return took(hop.service_ms);
  if (hop.state === "done" && hop.start_ms !== null && hop.end_ms !== null) return took(hop.end_ms - hop.start_ms);
  if (hop.state === "done") return "at once";
  if (hop.state !== "skipped" && hop.start_ms !== null && now_ms > hop.start_ms) return `${took(now_ms - hop.start_ms)} so far`;
  return STATES[hop.state] ?? "";
}

function bars(track, hop, end, now_ms) {
  const [wait, service] = track.children;
  const percent = (ms) => `${Math.min(100, (100 * ms) / end).toFixed(2)}%`;
  const known = hop.start_ms !== null && hop.state !== "skipped" && hop.kind !== "real";
  wait.hidden = service.hidden = !known;
  if (!known) return;
  const until = reach(hop, now_ms);
  const onlyWaits = hop.state === "waiting" || hop.hop === "queue";
  const waited = Math.min(until - hop.start_ms, hop.wait_ms ?? (onlyWaits ? until - hop.start_ms : 0));
  Object.assign(wait.style, { left: percent(hop.start_ms), width: percent(waited) });
  wait.hidden = waited <= 0;
  Object.assign(service.style, { left: percent(hop.start_ms + waited), width: percent(until - hop.start_ms - waited) });
  service.hidden = onlyWaits;
}
