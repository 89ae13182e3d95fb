// What this browser remembers of the story of one world: bets, where it was read to, whether it was skipped.

const KEY = "murmuration.start";
const MOST = 8; // worlds

export class Kept {
  constructor(world) {
    this.world = world;
    this.all = read();
    this.values = this.all.find(([id]) => id === world)?.[1] ?? {};
  }

  get(name) {
    return this.values[name] ?? null;
  }

  set(changes) {
    if (Object.entries(changes).every(([name, value]) => this.values[name] === value)) return;
    Object.assign(this.values, changes);
    this.all = [[this.world, this.values], ...read().filter(([id]) => id !== this.world)].slice(0, MOST);
    try {
      localStorage.setItem(KEY, JSON.stringify(this.all));
    } catch {
      // no room, or not allowed: the story is then told from where the engine is
    }
  }

  /** All but that it was skipped, if it was. */
  clear() {
    this.values = { skipped: this.values.skipped };
    this.set({ read: 0 });
  }
}

function read() {
  try {
    const all = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(all) ? all : [];
  } catch {
    return [];
  }
}
