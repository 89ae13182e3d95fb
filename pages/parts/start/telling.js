// One sentence at a time. The engine says what is true; here it is decided only how long it stays to be read.

const SHOWN_MS = {
  dots: 2500, follow: 4500, burst: 2500, growing: 1500, peak: 4500, draining: 3000, caught_up: 1500,
  second_burst: 2500, calm: 4000, bill: 5000,
};
const PASSING = ["burst", "growing"]; // told of the present: not when it is over
const BEGINNING = ["dots", "follow", "bet"];

export class Telling {
  /** `show` gets each line when its turn comes; `kept` remembers which one that was. */
  constructor(kept, show) {
    Object.assign(this, { kept, show, index: -1, lines: [] });
  }

  /** The lines of a tick, in order; those told before stay what they were. */
  hear(lines) {
    this.lines = lines;
    if (this.index < 0 && lines.length) this.turn(this.start());
    else if (this.index >= 0) this.current !== this.lines[this.index]?.text && this.turn(this.index); // now with the bet
    this.goOn();
  }

  /** Where to begin: where it was read to; and with the present, when the beginning is over. */
  start() {
    const over = this.lines.findIndex((line) => !BEGINNING.includes(line.key));
    if (over >= 0) return this.lines.length - 1;
    return Math.min(this.kept.get("read") ?? 0, this.lines.length - 1);
  }

  goOn() {
    const line = this.lines[this.index];
    if (!line || performance.now() - this.since < (SHOWN_MS[line.key] ?? 0)) return;
    let next = this.index + 1;
    while (PASSING.includes(this.lines[next]?.key) && next + 1 < this.lines.length) next += 1;
    if (next < this.lines.length) this.turn(next);
  }

  turn(index) {
    const line = this.lines[index];
    if (!line) return;
    if (index !== this.index) this.since = performance.now();
    this.index = index;
    this.current = line.text;
    this.kept.set({ read: index });
    this.show(line);
  }

  get line() {
    return this.lines[this.index];
  }
}
