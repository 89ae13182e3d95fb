// Where one writes. It counts as readers do, says in words what is too much, and lets the engine refuse it.

import { put } from "../live/format.js";
import { MOST_CHARACTERS, characters, many } from "./words.js";

const SAY_FROM = 20;

export class Composer {
  /** `post(text, picture, button)` answers whether it was posted. */
  constructor(form, post) {
    this.form = form;
    this.text = form.querySelector("textarea");
    this.counter = form.querySelector(".counter");
    this.button = form.querySelector("[type=submit]");
    this.picture = form.querySelector(".with-picture");
    this.text.addEventListener("input", () => this.count());
    this.text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    this.picture.addEventListener("click", () => this.setPicture(this.picture.getAttribute("aria-pressed") !== "true"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.button.getAttribute("aria-busy")) return;
      if (await post(this.text.value, this.picture.getAttribute("aria-pressed") === "true", this.button)) this.clear();
    });
    this.count();
  }

  /** `reply`: whom one answers; without, it is a post. */
  show({ as, reply }) {
    this.text.setAttribute("aria-label", reply ? `Reply to ${reply} as ${as}` : `Post as ${as}`);
    this.text.placeholder = reply ? `Reply to ${reply}` : `What happens, ${as}?`;
    put(this.button, reply ? "Reply" : "Post");
    this.picture.hidden = Boolean(reply);
  }

  count() {
    const left = MOST_CHARACTERS - characters(this.text.value);
    const over = left < 0;
    put(this.counter, over ? `${many(-left, "character")} too many` : left <= SAY_FROM ? `${many(left, "character")} left` : String(left));
    this.counter.classList.toggle("over", over);
    this.text.setAttribute("aria-invalid", String(over));
  }

  setPicture(on) {
    this.picture.setAttribute("aria-pressed", String(on));
  }

  clear() {
    this.text.value = "";
    this.setPicture(false);
    this.count();
  }
}
