// One post as readers see it. Made once, then kept in step with what the engine says of it.

import { count, put } from "../live/format.js";
import { make } from "../live/make.js";
import { face, paintFace, picture, spoken } from "./faces.js";
import { age, many } from "./words.js";

const ICONS = {
  reply: "M3 4.5h14v9.5H9.5L6 17.2V14H3Z",
  repost: "M6 3 3 6.2h2v7.3h7M14 17l3-3.2h-2V6.5H8",
  like: "M10 16.6C4.6 12.8 2.8 10.3 2.8 7.6A3.7 3.7 0 0 1 10 6.2a3.7 3.7 0 0 1 7.2 1.4c0 2.7-1.8 5.2-7.2 9Z",
};

/** What a post shows: a repost shows the post that it repeats. */
export const shownOf = (post) => (post.kind === "repost" && post.root ? post.root : post);

export class PostCard {
  /** `on` holds act(what, post, button), thread(post), profile(user) and menu(post, button). */
  constructor(post, on) {
    this.on = on;
    this.element = make("article", { class: "post", tabindex: "-1" });
    this.element.dataset.id = post.id;
    this.build(post);
    this.update(post);
  }

  build(post) {
    const shown = shownOf(post);
    this.context = make("p", { class: "context" });
    this.face = face(shown.author, shown.name);
    this.who = make("button", { class: "who", onclick: () => this.on.profile(shownOf(this.post).author) });
    this.handle = make("span", { class: "handle" });
    this.age = make("span", { class: "age" });
    this.more = make("button", { class: "dots", "aria-haspopup": "menu", "aria-expanded": "false", onclick: () => this.on.menu(this.post, this.more) });
    this.text = make("p", { class: "text" });
    this.acts = make("div", { class: "acts", role: "group", "aria-label": "Answer" },
      this.button("reply", () => this.on.thread(shownOf(this.post), true)),
      this.button("repost", (button) => this.toggle("repost", "undo_repost", "reposted", button)),
      this.button("like", (button) => this.toggle("like", "unlike", "liked", button)));
    this.head = make("div", { class: "head" }, this.who, this.handle, this.age, this.more);
    this.gone = make("p", { class: "gone" }, "You deleted this post. ",
      make("button", { text: "Restore", onclick: (event) => this.on.act("restore", this.post, event.currentTarget) }));
    this.body = make("div", { class: "body" }, this.head, this.text, shown.media === null ? null : picture(shown.media), this.acts);
    this.element.append(this.context, this.face, this.body, this.gone);
  }

  button(what, press) {
    const button = make("button", { class: what, onclick: () => press(button) });
    button.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[what]}"/></svg><b></b>`;
    return button;
  }

  toggle(what, undo, state, button) {
    this.on.act(shownOf(this.post)[state] ? undo : what, shownOf(this.post), button);
  }

  update(post) {
    this.post = post;
    const shown = shownOf(post);
    const { name, handle } = spoken(shown.name);
    put(this.who, name);
    put(this.handle, handle);
    paintFace(this.face, shown.author, shown.name);
    put(this.text, shown.text);
    this.drawContext(post);
    this.drawCount(".reply", shown.replies, `Reply to ${name}`, "reply", "replies");
    this.drawCount(".repost", shown.reposts, shown.reposted ? "Undo repost" : "Repost", "repost");
    this.drawCount(".like", shown.likes, shown.liked ? "Unlike" : "Like", "like");
    this.press(".repost", shown.reposted);
    this.press(".like", shown.liked);
    this.more.setAttribute("aria-label", `More about this post by ${name}`);
    this.element.setAttribute("aria-label", `${name}: ${shown.text}`);
    const deleted = post.deleted;
    this.element.classList.toggle("deleted", deleted);
    this.body.hidden = this.face.hidden = deleted;
    this.gone.hidden = !deleted;
  }

  drawContext(post) {
    const by = spoken(post.name);
    let line = "";
    if (post.kind === "repost") line = post.mine ? "You reposted" : `${by.name} ${by.handle} reposted`;
    else if (post.kind === "reply") line = post.root ? `Reply to ${spoken(post.root.name).handle}: ${post.root.text}` : "Reply";
    put(this.context, line);
    this.context.hidden = !line || post.deleted;
  }

  drawCount(selector, n, verb, one, several) {
    const button = this.acts.querySelector(selector);
    put(button.querySelector("b"), n ? count(n) : "");
    button.setAttribute("aria-label", `${verb}, ${many(n, one, several)} so far`);
  }

  press(selector, on) {
    this.acts.querySelector(selector).setAttribute("aria-pressed", String(on));
  }

  /** `now`: virtual seconds. */
  tick(now) {
    const words = age(now - shownOf(this.post).at_s);
    if (words !== this.words) put(this.age, (this.words = words));
  }

  /** When it came, beside how old it is. */
  came(line) {
    if (!this.arrival) this.head.append((this.arrival = make("span", { class: "came", tabindex: "0" })));
    put(this.arrival, line.text);
    this.arrival.dataset.hint = line.hint;
  }
}
