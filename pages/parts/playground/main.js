// The Playground: be a person in a world, and see beside each act what the system did.

import { put } from "../live/format.js";
import { Hint } from "../live/hint.js";
import { Link } from "../live/link.js";
import { mounted } from "../live/mounted.js";
import { Theme } from "../live/theme.js";
import { Inside } from "./inside.js";
import { Phone } from "./phone.js";
import { drawMe } from "./person.js";
import { Search } from "./search.js";
import { Strip } from "./strip.js";
import { make } from "../live/make.js";
import { spoken } from "./faces.js";

const CARD_MS = 5000;
const KEY = "murmuration.user";

class Playground {
  constructor(root, { data, setTriggerValue }) {
    this.root = root;
    this.theme = new Theme(root);
    this.hint = new Hint(root);
    this.link = new Link(root, (command) => setTriggerValue("command", command), {
      full: (message) => this.onFull(message),
      tick: (message) => this.onTick(message),
    });
    const send = (command, element, undo) => this.link.send(command, element, undo);
    this.strip = new Strip(root.querySelector(".world-strip"), data.form.strategies, send);
    const announce = (text) => put(root.querySelector(".announcer"), text);
    this.inside = new Inside(root.querySelector(".inside"), this.link, this.theme, { now: () => this.now(), knobForm: data.form.all, announce });
    this.phone = new Phone(root.querySelector(".phone"), this.link, {
      done: (answer) => this.done(answer),
      become: (user) => this.become(user),
      announce,
    });
    this.search = new Search(root.querySelector(".who-you-are .search"), (text) => this.link.ask({ do: "find", text }), (user) => this.become(user));
    this.cards = setInterval(() => this.user !== undefined && !document.hidden && this.drawCard(), CARD_MS);
    this.link.connect(data.world);
    this.link.hear(data.notice);
    this.exposeForTests();
  }

  /** Streamlit ran the page again: only what it brought new matters. */
  update({ data }) {
    if (data.world !== this.link.world) {
      this.tick = null;
      this.link.connect(data.world);
    }
    this.link.hear(data.notice);
    if (this.theme.read()) this.inside.repaint();
  }

  // The world

  onFull(full) {
    const begun = !this.tick || full.tick.t < this.tick.t; // another world, or this one from its beginning
    this.users = full.world.users;
    this.inside.connected(full);
    this.onTick(full.tick);
    if (begun) this.begin();
    else this.phone.again();
  }

  onTick(tick) {
    const changed = this.tick && (tick.strategy !== this.tick.strategy || tick.config_changed);
    this.tick = tick;
    this.heard = performance.now();
    if (this.theme.read()) this.inside.repaint();
    this.strip.show(tick, this.theme.palette);
    this.phone.tick(tick);
    this.inside.tick(tick);
    if (changed) this.drawCard();
  }

  /** Virtual seconds, between two ticks too. */
  now() {
    if (!this.tick) return 0;
    const since = Math.min(1, (performance.now() - this.heard) / 1000);
    return this.tick.t + (this.tick.paused ? 0 : since * (this.tick.achieved ?? 0));
  }

  async begin() {
    this.inside.clear();
    try {
      const { users } = await this.link.ask({ do: "shortcuts" });
      this.drawShortcuts(users);
      await this.become(await this.whoever(users), false);
    } catch (refused) {
      if (refused.message) this.link.say(refused.message);
    }
  }

  drawShortcuts(shortcuts) {
    this.root.querySelector(".shortcuts").replaceChildren(...shortcuts.map(({ label, why, user }) =>
      make("button", { text: label, hint: `${spoken(user.name).name}: ${why}`, onclick: async (event) => {
        const button = event.currentTarget;
        button.setAttribute("aria-busy", "true");
        await this.become(user.user);
        button.removeAttribute("aria-busy");
      } })));
  }

  // Who one is

  /** The person of the address, of this tab before, or somebody normal. */
  async whoever(shortcuts) {
    const normal = (shortcuts.find(({ label }) => /normal/i.test(label)) ?? shortcuts[0])?.user.user ?? 0;
    const kept = sessionStorage.getItem(`${KEY}.${this.link.world}`);
    for (const wish of [new URLSearchParams(location.search).get("user"), kept]) {
      if (wish === null) continue;
      if (/^\d{1,9}$/.test(wish) && Number(wish) < this.users) return Number(wish);
      this.link.say(`There is no user ${JSON.stringify(wish.slice(0, 40))} in this world; allowed: 0 to ${this.users - 1}. You are somebody normal now.`);
    }
    return normal;
  }

  async become(user, said = true) {
    this.user = user;
    sessionStorage.setItem(`${KEY}.${this.link.world}`, user);
    history.replaceState(history.state, "", this.address());
    const shown = this.phone.become(user);
    await this.drawCard();
    await shown;
    if (said && this.me) put(this.root.querySelector(".announcer"), `You are ${spoken(this.me.name).name} now.`);
  }

  /** Where this person in this world is found; what else the address says stays. */
  address() {
    const url = new URL(location.href);
    url.searchParams.set("world", this.link.world);
    url.searchParams.set("user", this.user);
    return url.href;
  }

  async drawCard() {
    const user = this.user;
    try {
      const answer = await this.link.ask({ do: "user", user, viewer: user });
      if (user !== this.user) return;
      this.me = answer.user;
      this.phone.name(this.me);
      const state = JSON.stringify([this.me, this.link.world]);
      if (state === this.drawn) return;
      this.drawn = state;
      const box = this.root.querySelector(".me");
      const held = box.querySelector("a") === document.activeElement;
      drawMe(box, this.me, this.address());
      if (held) box.querySelector("a").focus();
    } catch (refused) {
      if (refused.message) this.link.say(refused.message);
    }
  }

  /** Something was done or opened: beside it, what that took. */
  done({ trace, author = null, changes }) {
    if (trace) this.inside.add(trace, author);
    if (changes) this.drawCard();
  }

  exposeForTests() {
    const playground = this;
    window.__murmuration = {
      posts: () => playground.phone.timeline.ids(),
      trace: () => playground.inside.trace,
      get tick() { return playground.tick; },
      get world() { return playground.link.world; },
      get user() { return playground.user; },
      get atEnd() { return playground.phone.atEnd; },
    };
  }

  stop() {
    clearInterval(this.cards);
    for (const part of [this.link, this.phone, this.inside]) part.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the page itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Playground);
}
