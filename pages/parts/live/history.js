// The series that the engine sent, one array for each name, and which strategy was in force at each point.

const KEPT = 2400; // points of half a second: twenty virtual minutes

export class History {
  /** `named` finds the strategy in a flag's label, if there is one. */
  constructor(named) {
    this.named = named;
    this.reset({ t: [] }, null, []);
  }

  reset(series, strategy, flags) {
    const goesOn = this.series && series.t.at(-1) >= this.end;
    const known = new Map(goesOn ? this.series.t.map((t, i) => [t, this.strategies[i]]) : []);
    this.series = Object.fromEntries(Object.entries(series).map(([key, values]) => [key, [...values]]));
    this.flags = [...flags];
    const changes = this.flags.filter((flag) => flag.kind === "change" && this.named(flag.label));
    this.strategies = this.series.t.map((t) => {
      if (known.get(t)) return known.get(t);
      const past = changes.filter((flag) => flag.t < t).at(-1);
      if (past) return this.named(past.label);
      return changes.length ? null : strategy; // before the first change it is not known
    });
    this.trim();
  }

  append(series, strategy, flags) {
    const fresh = (series.t ?? []).findIndex((t) => t > this.end || this.series.t.length === 0);
    if (fresh >= 0) {
      for (const [key, values] of Object.entries(series)) (this.series[key] ??= []).push(...values.slice(fresh));
      for (let i = fresh; i < series.t.length; i++) this.strategies.push(strategy);
    }
    const known = new Set(this.flags.map((flag) => `${flag.t} ${flag.label}`));
    this.flags.push(...flags.filter((flag) => !known.has(`${flag.t} ${flag.label}`)));
    this.trim();
  }

  trim() {
    const extra = this.series.t.length - KEPT;
    if (extra <= 0) return;
    for (const values of Object.values(this.series)) values.splice(0, extra);
    this.strategies.splice(0, extra);
    this.flags = this.flags.filter((flag) => flag.t >= this.series.t[0]);
  }

  /** Index of the first point at or after `t`. */
  from(t) {
    const index = this.series.t.findIndex((at) => at >= t);
    return index < 0 ? this.series.t.length : index;
  }

  get end() {
    return this.series.t.at(-1) ?? 0;
  }
}
