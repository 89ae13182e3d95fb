// Words and numbers of the Playground.

import { count, short } from "../live/format.js";

const STEPS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

/** How long ago, in one unit: "5 s", "3 min", "2 h", "4 d". */
export function age(seconds) {
  const [size, unit] = STEPS.find(([size]) => seconds >= size) ?? STEPS.at(-1);
  return `${Math.max(0, Math.floor(seconds / size))} ${unit}`;
}

/** A duration in the unit that suits it: "0.4 ms", "14 ms", "7.1 s"; nothing took no virtual time. */
export const took = (ms) => (ms === 0 ? "at once" : ms >= 1000 ? `${short(ms / 1000)} s` : `${ms > 0 && ms < 0.01 ? "< 0.01" : short(ms)} ms`);

export const many = (n, one, several = `${one}s`) => `${count(n)} ${n === 1 ? one : several}`;

const segments = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Characters as readers count them, without the white space around the text. */
export function characters(text) {
  let n = 0;
  for (const _ of segments.segment(text.trim())) n += 1;
  return n;
}

export const MOST_CHARACTERS = 280;
