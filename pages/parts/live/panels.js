// From series to what Plotly draws: panels above or beside one another, each with its lines, its ghost and its SLO.

import { ceiling, seconds } from "./format.js";
import { DASH } from "./theme.js";

const LEAST_SPAN_S = 90;
const SHRINK_BELOW = 0.55; // a scale grows at once and shrinks late, so that it does not breathe

/** One figure. `boxes` are panels with their domain: {def, x: [0..1], y: [0..1], xaxis, yaxis}. */
export class Figure {
  constructor(boxes) {
    this.boxes = boxes;
    this.tops = new Map();
  }

  build({ history, ghost, palette, span, slo, font, size, ribbonY, marks, look }) {
    const known = history.end - (history.series.t[0] ?? 0);
    const shown = Math.min(span, Math.max(LEAST_SPAN_S, known));
    const end = Math.max(history.end, shown);
    const range = [end - shown, end + shown * 0.01];
    const start = history.from(range[0] - 1);
    const traces = [];
    const shapes = [];
    const annotations = [];
    const layout = baseLayout(palette, font, size, look);
    for (const box of this.boxes) {
      const lines = box.def.series.flatMap((s) => drawSeries(s, box, history, start, palette, look));
      const before = box.def.ghost && ghost ? drawGhost(box, ghost, range, palette) : [];
      traces.unshift(...lines.reverse(), ...before); // a unified hover lists traces from the last to the first
      const marked = (marks[box.def.id] ?? []).map((mark) => drawMark(mark, box, range, palette));
      traces.push(...marked);
      const top = this.top(box.def, [...lines, ...before, ...marked], slo);
      const limit = slo[box.def.slo];
      if (limit && limit <= top) addSlo(box, limit, palette, shapes, annotations, look);
      layout[axis(box.yaxis)] = { ...yAxis(palette), domain: box.y, anchor: box.xaxis, range: [0, top], ...ticks(box.def.top ?? top) };
      layout[axis(box.xaxis)] ??= { ...xAxis(range, palette, look), domain: box.x, anchor: box.yaxis };
      layout[axis(box.xaxis)].anchor = box.yaxis;
      for (const flag of history.flags) {
        if (flag.t > range[0]) shapes.push(flagLine(flag, box, palette));
      }
    }
    if (ribbonY) shapes.push(...ribbon(history, start, "x", ribbonY, palette));
    return { traces, layout: { ...layout, shapes, annotations }, range };
  }

  top(def, traces, slo) {
    if (def.top) return def.top * 1.04;
    let highest = def.slo === "lag" ? slo.lag * 1.1 : 0;
    const stacked = traces.filter((trace) => trace.stackgroup).map((trace) => trace.y);
    for (const trace of traces) if (!trace.stackgroup) for (const y of trace.y) if (y > highest) highest = y;
    if (stacked.length) {
      stacked[0].forEach((_, i) => {
        const sum = stacked.reduce((total, ys) => total + (ys[i] ?? 0), 0);
        if (sum > highest) highest = sum;
      });
    }
    const wanted = ceiling(highest || 0.9);
    const kept = this.tops.get(def.id);
    const top = kept && wanted <= kept && wanted > kept * SHRINK_BELOW ? kept : wanted;
    this.tops.set(def.id, top);
    return top;
  }
}

const axis = (name) => name.replace(/^([xy])/, "$1axis");

function drawSeries(series, box, history, start, palette, look) {
  const x = history.series.t.slice(start);
  const y = combined(history.series, series, start);
  const trace = { x, y, name: box.def.series.length > 1 || box.def.ghost ? `${box.def.title.toLowerCase()}, ${series.label}` : series.label, xaxis: box.xaxis, yaxis: box.yaxis, type: "scatter", mode: "lines" };
  trace.hovertemplate = `%{y:,.3~g} ${box.def.unit}`;
  if (series.role.startsWith("area")) {
    const colour = palette[series.role];
    return [{ ...trace, stackgroup: box.def.id, fillcolor: colour, line: { width: 0.5, color: colour } }];
  }
  if (series.colour) return [{ ...trace, line: { width: series.width, color: series.colour, dash: series.dash } }];
  if (series.role === "second") return [{ ...trace, line: { width: 1.3, color: palette.muted, dash: "2px,2px" } }];
  return [{ ...trace, line: { width: look.line, color: palette.ink } }];
}

/** The values of a line; of several series the largest: copies that were delivered hide those that still wait. */
export function combined(columns, series, start) {
  const parts = series.keys.map((key) => (columns[key] ?? []).slice(start));
  return parts[0].map((_, i) => {
    const known = parts.map((part) => part[i]).filter((v) => v !== null && v !== undefined);
    if (known.length < parts.length && !known.some((v) => v > 0)) return null; // none delivered, and none waits
    return Math.max(...known) * series.scale;
  });
}

/** Which strategy was in force: a ribbon above the first panel, in the hue and dash of the rail. */
function ribbon(history, start, x, y, palette) {
  const { t } = history.series;
  const pieces = [];
  for (let i = start; i < t.length; i++) {
    const slug = history.strategies[i];
    const last = pieces.at(-1);
    if (last?.slug === slug) last.to = t[i];
    else pieces.push({ slug, from: last ? last.to : t[i], to: t[i] });
  }
  return pieces.filter((piece) => piece.slug).map(({ slug, from, to }) => ({
    type: "line", xref: x, yref: "paper", x0: from, x1: to, y0: y, y1: y,
    line: { color: palette.strategies[slug], width: 4, dash: DASH[slug] },
  }));
}

/** The run before, which the engine has already moved so that its event stands at this run's event. */
function drawGhost(box, ghost, range, palette) {
  const scale = box.def.series[0].scale;
  const points = ghost.t.map((t, i) => [t, ghost[box.def.ghost]?.[i]]).filter(([t]) => t >= range[0] && t <= range[1]);
  if (!points.length) return [];
  return [{
    x: points.map(([t]) => t),
    y: points.map(([, v]) => (v === null || v === undefined ? null : v * scale)),
    name: `${box.def.title.toLowerCase()}, before (${ghost.label})`, xaxis: box.xaxis, yaxis: box.yaxis, type: "scatter", mode: "lines",
    line: { width: 1, color: palette.muted }, hovertemplate: `%{y:,.3~g} ${box.def.unit}`,
  }];
}

/** Something that is pointed at: a `level` from an instant on, with its name, or a ring round one point. */
function drawMark({ t, y, level, label }, box, range, palette) {
  const trace = { xaxis: box.xaxis, yaxis: box.yaxis, type: "scatter", hoverinfo: "skip" };
  if (!level) {
    const marker = { symbol: "circle-open", size: 16, color: palette.ink, line: { width: 2.5 } };
    return { ...trace, x: t >= range[0] ? [t] : [], y: t >= range[0] ? [y] : [], mode: "markers", marker };
  }
  const from = Math.max(t, range[0]);
  return {
    ...trace, x: [from, range[1]], y: [y, y], mode: "lines+text", line: { width: 2, dash: "3px,4px", color: palette.accent },
    text: [label, ""], textposition: t > range[0] + 0.3 * (range[1] - range[0]) ? "top left" : "top right", textfont: { color: palette.accent, size: 12 },
  };
}

function addSlo(box, limit, palette, shapes, annotations, look) {
  const colour = palette.late;
  shapes.push({ type: "line", xref: `${box.xaxis} domain`, yref: box.yaxis, x0: 0, x1: 1, y0: limit, y1: limit, line: { color: colour, width: 1.3, dash: "6px,4px" } });
  annotations.push({
    xref: `${box.xaxis} domain`, yref: box.yaxis, x: 0, y: limit, xanchor: "left", yanchor: "bottom", showarrow: false,
    text: `SLO ${limit} ${box.def.unit}`, font: { size: look.font, color: colour }, bgcolor: palette.ground, borderpad: 1,
  });
}

const flagLine = (flag, box, palette) => ({
  type: "line", xref: box.xaxis, yref: `${box.yaxis} domain`, x0: flag.t, x1: flag.t, y0: 0, y1: 1,
  line: flagStroke(flag.kind, palette),
});

/** A `cursor` is no flag, but marks an instant like one. */
const flagStroke = (kind, palette) => {
  if (kind === "cursor") return { color: palette.accent, width: 2, dash: "solid" };
  return kind === "inject" ? { color: palette.ink, width: 1, dash: "solid" } : { color: palette.muted, width: 1, dash: "3px,3px" };
};

function baseLayout(palette, font, { width, height, margin }, look) {
  return {
    width, height, margin, showlegend: false, legend: { traceorder: "normal" }, autosize: false, dragmode: false, hovermode: "x unified", hoversubplots: "axis",
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { family: font, size: look.font, color: palette.muted },
    hoverlabel: { bgcolor: palette.raised, bordercolor: palette.line, font: { color: palette.ink, size: Math.max(12, look.font) } },
  };
}

function xAxis(range, palette, look) {
  const step = (range[1] - range[0] > 200 ? 120 : 15) * (look.font > 16 ? 2 : 1);
  const values = [];
  for (let t = Math.ceil(range[0] / step) * step; t <= range[1]; t += step) values.push(t);
  return {
    range, tickmode: "array", tickvals: values, ticktext: values.map(seconds), fixedrange: true, showgrid: false, zeroline: false,
    linecolor: palette.line, tickcolor: palette.line, ticklen: 3, showspikes: true, spikemode: "across", spikesnap: "data",
    spikethickness: -2, spikedash: "solid", spikecolor: palette.muted, hoverformat: ",.1f", unifiedhovertitle: { text: "at %{x:,.1f} s" },
    
  };
}

const ticks = (top) => ({ tickmode: "array", tickvals: [0, top / 2, top], ticktext: [0, top / 2, top].map(scaleText) });

const scaleText = (v) => (v >= 1000 ? `${Number((v / 1000).toPrecision(3))}k` : String(Number(v.toPrecision(3))));

const yAxis = (palette) => ({
  fixedrange: true, gridcolor: palette.grid, zeroline: false, ticks: "", automargin: false, rangemode: "tozero",
});
