// A list of posts that grows at both ends: pages by cursor below, new posts above, nothing twice. Changed in place.

import { put } from "../live/format.js";
import { make } from "../live/make.js";
import { PostCard } from "./post.js";
import { many } from "./words.js";

const PAGE = 20;
const MOST_ON_A_PAGE = 100;
const NEAR_END = "400px";
const GONE = new Error("another list was opened meanwhile");

export class Timeline {
  /** `ask(query)` answers a page; `on` is for the cards, with `changed()` whenever the list is another. */
  constructor(box, ask, on) {
    Object.assign(this, { ask, on });
    this.box = box;
    this.list = box.querySelector(".posts");
    this.end = box.querySelector(".end");
    this.olderButton = box.querySelector(".older");
    this.cards = new Map();
    this.posts = [];
    this.generation = 0;
    this.olderButton.addEventListener("click", () => this.older());
    // nobody could tab to what comes after a list that grew ahead of them
    const tabbing = () => this.list.querySelector("button:focus-visible");
    this.watcher = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && !tabbing() && this.older(),
      { root: box, rootMargin: NEAR_END });
    this.list.addEventListener("focusout", () => this.rearm());
    this.list.addEventListener("keydown", (event) => this.walk(event));
  }

  /** Shows another list from its top; `empty()` says what stands there when it has no posts. */
  async open(query, empty) {
    const turn = ++this.generation;
    Object.assign(this, { query, empty, posts: [], next: null, loaded: false, refused: "" });
    this.draw();
    this.box.scrollTop = 0;
    if (!query) return this.drawEnd(); // there is nothing to ask for
    await this.busy(async () => {
      const page = await this.page(turn, {});
      this.posts = page.posts;
      this.next = page.next;
      this.loaded = true;
    });
  }

  /** The next older page. */
  async older() {
    if (this.loading || !this.next) return;
    const turn = this.generation;
    await this.busy(async () => {
      const page = await this.page(turn, { cursor: this.next });
      const known = new Set(this.posts.map((post) => post.id));
      this.posts = [...this.posts, ...page.posts.filter((post) => !known.has(post.id))];
      this.next = page.next;
    });
  }

  /** The same list again from its top, as far down as it was shown; what is on the screen stays where it is. */
  async again(depth = this.posts.length) {
    if (!this.query) return;
    const turn = ++this.generation;
    await this.busy(async () => {
      let posts = [];
      let cursor;
      do {
        const limit = Math.min(MOST_ON_A_PAGE, Math.max(PAGE, depth - posts.length));
        const page = await this.page(turn, { cursor, limit, quiet: true });
        posts = [...posts, ...page.posts];
        cursor = page.next;
      } while (cursor && posts.length < depth);
      this.posts = withTombstones(posts, this.posts);
      this.next = cursor;
      this.loaded = true;
    });
  }

  /** New posts above, without asking again for what is already here below. */
  async top(fresh) {
    const turn = ++this.generation;
    await this.busy(async () => {
      const page = await this.page(turn, { limit: Math.min(MOST_ON_A_PAGE, fresh + PAGE) });
      const lowest = page.posts.at(-1)?.row ?? 0;
      const met = !page.next || this.posts.some((post) => post.row >= lowest);
      const below = met ? this.posts.filter((post) => post.row < lowest) : [];
      this.posts = withTombstones([...page.posts, ...below], this.posts.filter((post) => post.row >= lowest));
      if (!below.length) this.next = page.next;
    });
    this.box.scrollTop = 0;
  }

  async page(turn, more) {
    const page = await this.ask({ do: "page", ...this.query, ...more });
    if (turn !== this.generation) throw GONE;
    return page;
  }

  async busy(work) {
    const turn = this.generation;
    this.loading = true;
    this.list.setAttribute("aria-busy", "true");
    try {
      await work();
      this.refused = "";
      if (turn === this.generation) this.rearm();
    } catch (error) {
      if (error === GONE) return;
      if (this.loaded) this.on.failed(error);
      else this.refused = error.message ?? ""; // it stands where the posts would: a note would go, and leave a blank page
    } finally {
      if (turn === this.generation) {
        this.loading = false;
        this.list.removeAttribute("aria-busy");
        this.draw();
      }
    }
  }

  // In place

  /** What an action made of a post, wherever it is shown. */
  update(changed) {
    this.posts = this.posts.map((post) => {
      if (post.id === changed.id) return { ...changed, root: changed.root ?? post.root };
      return post.root?.id === changed.id ? { ...post, root: { ...post.root, ...changed, root: null } } : post;
    });
    this.draw();
  }

  /** A new post of one's own enters at its place at once. */
  add(post) {
    if (this.posts.some((one) => one.id === post.id)) return this.update(post);
    this.posts = [post, ...this.posts].sort((a, b) => b.row - a.row);
    this.draw();
  }

  remove(id) {
    this.posts = this.posts.filter((post) => post.id !== id);
    this.draw();
  }

  draw() {
    const wanted = new Set(this.posts.map((post) => post.id));
    for (const [id, card] of this.cards) if (!wanted.has(id)) this.drop(id, card);
    let place = this.list.firstElementChild;
    for (const post of this.posts) {
      let card = this.cards.get(post.id);
      if (!card) this.cards.set(post.id, (card = new PostCard(post, this.on)));
      else if (card.post !== post) card.update(post);
      if (card.element === place) place = place.nextElementSibling;
      else this.list.insertBefore(card.element, place);
      card.tick(this.now ?? 0);
    }
    this.drawEnd();
    this.on.changed();
  }

  /** Whoever was on a post that goes is on the next one then. */
  drop(id, card) {
    const neighbour = card.element.nextElementSibling ?? card.element.previousElementSibling;
    const held = card.element.contains(document.activeElement);
    card.element.remove();
    this.cards.delete(id);
    if (held) (neighbour ?? this.list).focus();
  }

  drawEnd() {
    this.olderButton.hidden = !this.next;
    const n = this.posts.filter((post) => !post.deleted).length;
    const all = `That is everything: ${this.query?.what === "replies" ? many(n, "reply", "replies") : many(n, "post")}.`;
    put(this.end, this.refused || ((this.query && !this.loaded) || this.next ? "" : n ? all : this.empty()));
    this.end.hidden = !this.end.textContent;
    this.list.setAttribute("aria-label", this.query?.what === "replies" ? "Replies" : "Posts");
  }

  /** An observer tells of changes only: after a page that did not fill the box it has to look again. */
  rearm() {
    this.watcher.disconnect();
    if (this.next) this.watcher.observe(this.olderButton);
  }

  tick(now) {
    this.now = now;
    for (const card of this.cards.values()) card.tick(now);
  }

  /** From post to post; or out of the list, past all that is in it. */
  walk(event) {
    const out = event.ctrlKey && { End: ".inside button", Home: "[role=tab][aria-selected=true]" }[event.key];
    if (out) {
      event.preventDefault();
      return this.box.closest(".live").querySelector(out).focus();
    }
    const step = { PageDown: "nextElementSibling", PageUp: "previousElementSibling" }[event.key];
    const to = step && event.target.closest(".post")?.[step];
    if (!to) return;
    event.preventDefault();
    to.focus();
  }

  ids() {
    return this.posts.filter((post) => !post.deleted).map((post) => post.id);
  }

  stop() {
    this.watcher.disconnect();
  }
}

/** One's own posts that were just deleted stay in sight, so that they can be restored. */
function withTombstones(posts, before) {
  const there = new Set(posts.map((post) => post.id));
  const gone = before.filter((post) => post.deleted && !there.has(post.id));
  return gone.length ? [...posts, ...gone].sort((a, b) => b.row - a.row) : posts;
}
