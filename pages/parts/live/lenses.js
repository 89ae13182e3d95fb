// What a value of each lens looks like. Size repeats colour; hollow waits, filled has arrived.

export const LENSES = ["behind", "post", "reading"];
export const BANDS = ["quiet", "some", "late", "very_late"];
const BAND_COLOUR = ["quiet", "some", "late", "very"];
const POST_COLOUR = ["some", "some", "late", "very"]; // here in time is in time
const BAND_RADIUS = [0.3, 0.36, 0.42, 0.46];

export const POST_STATUS = [
  "not_follower", "waiting", "waiting", "waiting", "waiting", "received", "received", "received", "received",
  "dead", "pulled", "opened",
];

/** Shape, colour and radius (in pitches) of one value; `palette` of theme.js. */
export function look(lens, value, palette) {
  if (lens === "behind") return disc(palette[BAND_COLOUR[value]], BAND_RADIUS[value]);
  if (lens === "reading") return disc(palette.some, 0.07 + 0.025 * Math.min(15, value));
  if (value === 0) return disc(palette.quiet, 0.13);
  if (value <= 4) return ring(palette[POST_COLOUR[value - 1]], 0.42, 1.6);
  if (value <= 8) return disc(palette[POST_COLOUR[value - 5]], 0.36);
  if (value === 9) return { shape: "cross", colour: palette.ink, radius: 0.34, line: 1.8 };
  if (value === 10) return ring(palette.some, 0.28, 1.1);
  return disc(palette.some, 0.36);
}

const disc = (colour, radius) => ({ shape: "disc", colour, radius });
const ring = (colour, radius, line) => ({ shape: "ring", colour, radius, line });

/** The legend of a lens: values to draw and what they mean. */
export function legend(lens, sloSeconds) {
  if (lens === "behind") {
    return [[0, "under 1 s"], [1, `under ${sloSeconds} s`], [2, "under 15 s"], [3, "15 s or more behind"]];
  }
  if (lens === "post") {
    return [[0, "no follower"], [2, "waits"], [6, "received"], [7, "late"], [9, "given up"], [10, "to be pulled"], [11, "seen"]];
  }
  return [[1, "few rows"], [5, "32"], [8, "256"], [11, "2,048 rows touched by the last home read"]];
}

/** A canvas holding one mark, centred. `pitch` in CSS pixels. */
export function sprite(mark, pitch, ratio) {
  const radius = Math.max(0.8, mark.radius * pitch);
  const box = Math.ceil((radius + 1.5) * 2 * ratio);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = box;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const middle = box / ratio / 2;
  pen.beginPath();
  if (mark.shape === "cross") {
    const d = radius * 0.8;
    pen.moveTo(middle - d, middle - d);
    pen.lineTo(middle + d, middle + d);
    pen.moveTo(middle + d, middle - d);
    pen.lineTo(middle - d, middle + d);
  } else {
    pen.arc(middle, middle, radius - (mark.shape === "ring" ? mark.line / 2 : 0), 0, 7);
  }
  if (mark.shape === "disc") {
    pen.fillStyle = mark.colour;
    pen.fill();
  } else {
    pen.lineWidth = mark.line;
    pen.strokeStyle = mark.colour;
    pen.stroke();
  }
  return { canvas, size: box / ratio };
}

/** A mark between two marks of the same shape, for the cross-fade; null when there is none. */
export function between(a, b, share) {
  if (a.shape !== "disc" || b.shape !== "disc") return null;
  const mix = (i) => Math.round(part(a.colour, i) * (1 - share) + part(b.colour, i) * share);
  return disc(`rgb(${mix(1)},${mix(3)},${mix(5)})`, a.radius * (1 - share) + b.radius * share);
}

const part = (hex, at) => parseInt(hex.slice(at, at + 2), 16);
