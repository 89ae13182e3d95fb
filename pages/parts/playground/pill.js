// "12 new posts": asks once a second how many shown entries of home are not on the screen, and fetches them when told to.

import { put } from "../live/format.js";
import { many, took } from "./words.js";

const EVERY_MS = 1000;
const SAY_EVERY_MS = 10_000;
const LOOKED_AT = 20;
const EXPLAINED = 5;

export class Pill {
  constructor(button, timeline, link, announce) {
    Object.assign(this, { button, timeline, link, announce });
    this.row = button.parentElement;
    this.user = null;
    this.said = 0;
    this.timer = setInterval(() => this.look(), EVERY_MS);
    button.addEventListener("click", () => this.load());
  }

  /** Whose home is on the screen; null: no home is. */
  watch(user) {
    this.user = user;
    this.waiting = 0;
    this.draw();
  }

  /** Copies may arrive late, under posts that are here already: what is counted begins below the newest ones. */
  async look() {
    const { user, timeline } = this;
    if (user === null || user === undefined || document.hidden || this.asking || timeline.loading || !timeline.loaded) return;
    const mark = this.mark();
    this.asking = true;
    try {
      const news = await this.link.ask({ do: "news", user, mark });
      if (user !== this.user || timeline.loading) return;
      const here = timeline.posts.filter((post) => post.row >= mark && !post.deleted).length;
      this.waiting = Math.max(0, news.count - here);
      this.capped = news.capped;
      this.draw();
      this.say();
    } catch {
      // the link says that the connection is lost; the next second asks again
    } finally {
      this.asking = false;
    }
  }

  mark() {
    const { posts } = this.timeline;
    return posts[Math.min(posts.length, LOOKED_AT) - 1]?.row ?? 0;
  }

  draw() {
    this.row.hidden = this.user === null;
    this.button.hidden = !this.waiting;
    this.row.querySelector(".no-news").hidden = Boolean(this.waiting);
    if (this.waiting) put(this.button, this.capped ? `${this.waiting}+ new posts` : many(this.waiting, "new post"));
  }

  say() {
    const now = performance.now();
    if (!this.waiting || now - this.said < SAY_EVERY_MS) return;
    this.said = now;
    this.announce(this.button.textContent);
  }

  async load() {
    const before = new Set(this.timeline.posts.map((post) => post.id));
    const { waiting } = this;
    this.button.setAttribute("aria-busy", "true");
    await this.timeline.top(waiting);
    this.button.removeAttribute("aria-busy");
    this.waiting = 0;
    this.draw();
    this.timeline.list.firstElementChild?.focus();
    this.explain(this.timeline.posts.filter((post) => !before.has(post.id) && !post.mine).slice(0, EXPLAINED));
  }

  /** When each of the newest ones came, by the engine's own record. */
  async explain(posts) {
    for (const post of posts) {
      try {
        const { cause, facts, line } = await this.link.ask({ do: "why", user: this.user, post: post.row });
        const came = typeof facts.lag_s === "number" ? `here after ${took(facts.lag_s * 1000)}` : cause.startsWith("pulled") ? "fetched" : null;
        if (came) this.timeline.cards.get(post.id)?.came({ text: came, hint: line });
      } catch {
        return; // no record is kept of it: then nothing is said
      }
    }
  }

  stop() {
    clearInterval(this.timer);
  }
}
