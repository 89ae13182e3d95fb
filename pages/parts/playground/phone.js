// The phone: home, profiles and threads of whoever one is, and everything that can be done to a post.

import { put } from "../live/format.js";
import { Composer } from "./composer.js";
import { spoken } from "./faces.js";
import { Menu } from "./menu.js";
import { choices, drawProfile } from "./person.js";
import { PostCard } from "./post.js";
import { Timeline } from "./timeline.js";
import { Pill } from "./pill.js";
import { Search } from "./search.js";

const SETTLES = new Set(["follow", "unfollow", "block", "unblock", "mute", "unmute"]);
const LIKES = new Set(["like", "unlike"]);
const EMPTY = {
  home: "Your home is empty. Find somebody in the Profile tab and follow them, or post: your own posts are in your home at once.",
  mine: "You have not posted yet. Write something: it is in your own home before anybody else's list has it.",
  theirs: "No posts to be seen here yet. Follow anyway: what comes next will enter your home.",
  thread: "No replies yet. Write the first one.",
  none: "No thread is open. Choose the reply button of a post, and its replies are shown here.",
};

export class Phone {
  /** `on` holds done({trace, author, changes}), become(user) and announce(text). */
  constructor(box, link, on) {
    Object.assign(this, { box, link, on });
    this.find = (selector) => box.querySelector(selector);
    this.cardActs = {
      act: (what, post, button) => this.act(what, { post: post.id }, button, post),
      thread: (post) => this.openThread(post),
      profile: (user) => this.openProfile(user),
      menu: (post, button) => this.openMenu(post, button),
      failed: (error) => error.message && link.say(error.message),
      changed: () => this.pill?.draw(),
    };
    this.menu = new Menu(box.closest(".live"));
    this.timeline = new Timeline(this.find(".feed"), (query) => this.page(query), this.cardActs);
    this.pill = new Pill(this.find(".pill"), this.timeline, link, on.announce);
    this.composer = new Composer(this.find(".composer"), (...written) => this.write(...written));
    const find = (text) => link.ask({ do: "find", text });
    this.search = new Search(this.find(".profile-search"), find, (user) => this.openProfile(user));
    this.tabs = [...box.querySelectorAll("[data-tab]")];
    this.tabs.forEach((tab) => tab.addEventListener("click", () => this.choose(tab.dataset.tab)));
    this.find(".tabs").addEventListener("keydown", (event) => this.tabKey(event));
    this.find(".again").addEventListener("click", (event) => this.choose(this.tab, event.currentTarget));
    this.tab = "home";
  }

  // Which timeline

  become(user) {
    Object.assign(this, { user, profileOf: user, me: null, threadOf: null });
    return this.choose("home");
  }

  /** The name by which one is called. */
  name(me) {
    this.me = me;
    this.showComposer();
  }

  async choose(tab, button) {
    this.tab = tab;
    this.mark();
    button?.setAttribute("aria-busy", "true");
    const query = this.query();
    await Promise.all([this.timeline.open(query, () => this.emptyWords()), this.drawProfileHead()]);
    button?.removeAttribute("aria-busy");
  }

  mark() {
    for (const tab of this.tabs) {
      const chosen = tab.dataset.tab === this.tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
    }
    this.find(".screen").setAttribute("aria-labelledby", `pg-tab-${this.tab}`);
    for (const part of [".profile-search", ".profile-head"]) this.find(part).hidden = this.tab !== "profile";
    this.drawThreadHead();
    this.showComposer();
    this.pill.watch(this.tab === "home" ? this.user : null);
  }

  query() {
    const { user } = this;
    if (this.tab === "profile") return { what: "profile", user, author: this.profileOf };
    if (this.tab === "thread") return this.threadOf ? { what: "replies", user, post: this.threadOf.id } : null;
    return { what: "home", user };
  }

  emptyWords() {
    if (this.tab === "profile") return this.profileOf === this.user ? EMPTY.mine : EMPTY.theirs;
    if (this.tab === "thread") return this.threadOf ? EMPTY.thread : EMPTY.none;
    return EMPTY.home;
  }

  async page({ quiet, ...query }) {
    const page = await this.link.ask(query);
    if (!quiet) this.on.done({ trace: page.trace });
    return page;
  }

  openProfile(user) {
    this.profileOf = user;
    return this.choose("profile");
  }

  openThread(post) {
    const same = this.tab === "thread" && this.threadOf?.id === post.id;
    this.threadOf = post;
    if (!same) this.choose("thread");
    this.composer.text.focus();
  }

  async drawProfileHead() {
    if (this.tab !== "profile") return;
    const [viewer, user] = [this.user, this.profileOf];
    const answer = await this.link.ask({ do: "user", user, viewer }).catch((refused) => this.link.say(refused.message));
    if (!answer || viewer !== this.user || user !== this.profileOf) return;
    drawProfile(this.find(".profile-head"), answer.user, viewer, {
      relate: (what, other, button) => this.relate(what, other.user, button),
      become: (other) => this.on.become(other),
    });
  }

  drawThreadHead() {
    const box = this.find(".thread-head");
    box.hidden = this.tab !== "thread" || !this.threadOf;
    if (box.hidden) return (this.threadCard = null);
    if (this.threadCard?.post.id === this.threadOf.id) return this.threadCard.update(this.threadOf);
    this.threadCard = new PostCard(this.threadOf, this.cardActs);
    this.threadCard.tick(this.now ?? 0);
    box.replaceChildren(this.threadCard.element);
  }

  showComposer() {
    const reply = this.tab === "thread" && this.threadOf ? spoken(this.threadOf.name).name : null;
    const form = this.find(".composer");
    form.hidden = (this.tab === "thread" && !reply) || (this.tab === "profile" && this.profileOf !== this.user);
    this.composer.show({ as: this.me ? spoken(this.me.name).name : "you", reply });
  }

  // Acts

  async write(text, picture, button) {
    const [what, rest] = this.tab === "thread" ? ["reply", { post: this.threadOf.id }] : ["post", picture ? { picture } : {}];
    return Boolean(await this.act(what, { text, ...rest }, button));
  }

  relate(what, other, button) {
    return this.act(what, { other }, button);
  }

  /** One act of this person. What it changed is on the screen when this returns. */
  async act(what, rest, button, post) {
    const { user } = this;
    const answer = await this.link.act({ do: "act", what, user, ...rest }, button);
    if (!answer || user !== this.user) return answer;
    this.paint(what, answer, post);
    this.on.done({ trace: answer.trace, author: answer.post?.author ?? rest.other, changes: !LIKES.has(what) });
    return answer;
  }

  paint(what, answer, post) {
    const made = answer.post;
    if (SETTLES.has(what)) return this.settle(what);
    if (what === "delete" || what === "restore") return this.update({ ...post, ...made, deleted: what === "delete" });
    if (!made) return;
    if (made.kind === "repost" && made.root) this.update(made.root);
    else this.update(made);
    if (made.kind === "reply" && made.root) this.update(made.root);
    const mine = this.tab === "home" || (this.tab === "profile" && this.profileOf === this.user);
    const here = this.tab === "thread" && what === "reply" && made.root?.id === this.threadOf.id;
    if ((mine && (what === "post" || what === "reply")) || here) this.timeline.add(made);
    else if (mine && (what === "repost" || what === "undo_repost")) this.timeline.again();
  }

  update(post) {
    if (this.threadOf?.id === post.id) {
      this.threadOf = { ...this.threadOf, ...post, root: post.root ?? this.threadOf.root };
      this.drawThreadHead();
    }
    this.timeline.update(post);
  }

  /** Who follows, hides or mutes whom decides what is in a list: it is read again, in place. */
  settle() {
    this.drawProfileHead();
    this.timeline.again();
  }

  async openMenu(post, button) {
    const mine = post.author === this.user;
    const items = [];
    if (mine) items.push({ text: "Delete", hint: "It goes from every page at once; its entries stay in the lists.", press: (b) => this.act("delete", { post: post.id }, b, post) });
    for (const who of [post, post.root].filter((one) => one && one.author !== this.user)) {
      const answer = await this.link.act({ do: "user", user: who.author, viewer: this.user }, button);
      if (!answer || items.some((item) => item.author === who.author)) continue;
      const { handle, name } = spoken(who.name);
      items.push(...choices(answer.user).map(({ what, text, hint }) => ({ author: who.author, text: `${text} ${handle}`, hint, press: (b) => this.relate(what, who.author, b) })));
      items.push({ author: who.author, text: `Be ${name}`, hint: "Become this person.", press: () => this.on.become(who.author) });
    }
    if (button.isConnected) this.menu.open(button, items);
  }

  // Time

  tick(tick) {
    this.now = tick.t;
    this.timeline.tick(tick.t);
    this.threadCard?.tick(tick.t);
  }

  /** After the connection came back. */
  again() {
    return this.timeline.again();
  }

  get atEnd() {
    return this.timeline.loaded && !this.timeline.next;
  }

  tabKey(event) {
    const at = this.tabs.findIndex((tab) => tab.dataset.tab === this.tab);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: this.tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const tab = this.tabs[(to + this.tabs.length) % this.tabs.length];
    tab.focus();
    this.choose(tab.dataset.tab);
  }

  stop() {
    for (const part of [this.timeline, this.pill, this.menu]) part.stop();
  }
}
