// Both sides in one plot each: lag and home read, on one time axis. A line changes its hue and dash with its strategy.

import { Charts } from "../live/charts.js";
import { seconds } from "../live/format.js";
import { make } from "../live/make.js";
import { DASH, SVG_DASH } from "../live/theme.js";

const WIDTHS = [2.6, 1.8];
const SHOWN_S = 90;
const MOST_MARKS = 3;
const SAME_DASH = "1px,3px"; // B, where both have the same strategy

export class Pair {
  constructor(root, defs, form) {
    this.defs = defs.map((def) => ({ ...def, series: [] }));
    this.keys = defs.map((def) => def.keys);
    this.labels = new Map(form.strategies.map((s) => [s.slug, s.label]));
    this.box = root.querySelector(".keys");
    this.charts = new Charts(root.querySelector(".charts"), this.defs, 2);
  }

  /** `cursor`: the instant that is looked at, or null. */
  draw(sides, { theme, slo, fast, cursor }) {
    const drawn = sides.map((side, number) => lines(side.history, number, theme.palette, sides[1 - number].tick?.strategy));
    const times = sides.map((side) => side.history.series.t);
    const t = times[0].length >= times[1].length ? times[0] : times[1];
    const series = { t };
    this.defs.forEach((def, i) => {
      def.series = drawn.flatMap((side, number) => side.map((line) => {
        const keys = this.keys[i].map((key) => `${line.id} ${key}`);
        this.keys[i].forEach((key, k) => (series[keys[k]] = line.column(key, t)));
        return { keys, label: `${sides[number].name}, ${this.labels.get(line.slug) ?? line.slug}`, role: "twin", scale: def.scale, ...line.look };
      }));
    });
    const flags = allFlags(sides);
    if (cursor !== null) flags.push({ t: cursor, label: "", kind: "cursor" });
    const history = { series, flags, end: t.at(-1) ?? 0, strategies: [], from: (at) => firstAt(t, at) };
    this.charts.draw({ history, ghost: null, theme, slo, fast });
    this.showKeys(sides, theme.palette, flags.filter((flag) => flag.kind !== "cursor" && flag.t > history.end - SHOWN_S));
  }

  /** What the lines mean now, above the plots. */
  showKeys(sides, palette, flags) {
    const marked = flags.slice(-MOST_MARKS).map((flag) => `${seconds(flag.t)} ${flag.label}`).join(" · ");
    const words = `${sides.map((side) => side.tick?.strategy).join(" ")} ${palette.ground} ${marked}`;
    if (words === this.shown) return;
    this.shown = words;
    this.box.replaceChildren(...sides.map((side, number) => {
      const slug = side.tick?.strategy;
      const same = number === 1 && slug === sides[0].tick?.strategy;
      const key = make("span", {});
      key.innerHTML = `<svg viewBox="0 0 34 6"><path d="M0 3H34" stroke="${same ? palette.ink : palette.strategies[slug]}" stroke-width="${WIDTHS[number]}" stroke-dasharray="${same ? "1 3" : SVG_DASH[slug]}"/></svg>`;
      key.append(`${side.name}, ${this.labels.get(slug) ?? slug}`);
      return key;
    }), make("span", { class: "marks", text: marked }));
  }

  stop() {
    this.charts.stop();
  }
}

/** The strategies that were in force on a side, each with its look and its values; null where another was. */
function lines(history, number, palette, other) {
  const slugs = [...new Set(history.strategies.filter(Boolean))];
  const place = new Map(history.series.t.map((t, i) => [t, i]));
  return slugs.map((slug) => {
    const same = number === 1 && slug === other;
    const inForce = (i) => history.strategies[i] === slug || history.strategies[i + 1] === slug; // joined to what follows
    return {
      id: `${number} ${slug}`,
      slug,
      look: { colour: same ? palette.ink : palette.strategies[slug] ?? palette.ink, dash: same ? SAME_DASH : DASH[slug] ?? "solid", width: WIDTHS[number] },
      column: (key, t) => t.map((at) => {
        const i = place.get(at);
        return i === undefined || !inForce(i) ? null : history.series[key]?.[i] ?? null;
      }),
    };
  });
}

/** Marks of both sides; what happened on both stands once. */
function allFlags(sides) {
  const known = new Map();
  for (const side of sides) for (const flag of side.history.flags) known.set(`${flag.t} ${flag.kind} ${flag.label}`, flag);
  return [...known.values()].sort((a, b) => a.t - b.t);
}

function firstAt(times, at) {
  const index = times.findIndex((t) => t >= at);
  return index < 0 ? times.length : index;
}
