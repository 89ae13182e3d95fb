// The presenter's keys, those of a remote ("." and space) among them.

import { make } from "../live/make.js";

const CHARTS = 6;

/** What each key does: [key, what is shown for it, its meaning, what to do]. `act` holds what can be done. */
export function bindings(act, titles) {
  return [
    ["c", "C", "A celebrity posts 8 times", () => act.inject("celebrity", "Celebrity posts")],
    ["v", "V", "A post goes viral", () => act.inject("viral", "Goes viral")],
    ["r", "R", "Everyone refreshes", () => act.inject("herd", "Everyone refreshes")],
    ["h", "H", "Strategy Hybrid", () => act.strategy("hybrid", "Hybrid")],
    ["p", "P", "Strategy Push", () => act.strategy("push", "Push")],
    [" ", "Space or .", "Pause and go on", () => act.pause()],
    [".", null, null, () => act.pause()],
    ["l", "L", "Next lens on the crowd", () => act.lens()],
    ...titles.slice(0, CHARTS).map((title, i) => [String(i + 1), String(i + 1), `Chart: ${title}`, () => act.chart(i)]),
    ["d", "D", "Dark or light", () => act.theme()],
    ["?", "?", "These keys", () => act.help()],
    ["Escape", "Esc", "Close them", () => act.close()],
  ];
}

/** Listens before Streamlit does, which has a use for some of these keys itself. */
export class Keys {
  constructor(root, bound) {
    this.byKey = new Map(bound.map(([key, , , run]) => [key, run]));
    this.listen = (event) => this.hear(event);
    window.addEventListener("keydown", this.listen, true);
    root.querySelector(".help dl").replaceChildren(...bound.filter(([, shown]) => shown).flatMap(([, shown, meaning]) => [
      make("dt", { text: shown }), make("dd", { text: meaning }),
    ]));
  }

  hear(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, textarea, select")) return;
    const pressing = event.target.matches?.("button, a") && (event.key === " " || event.key === "Enter");
    const run = this.byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!run || pressing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) run();
  }

  stop() {
    window.removeEventListener("keydown", this.listen, true);
  }
}
