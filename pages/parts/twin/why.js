// Who is this, and once it is pinned: why have they not got it, here and on the other side.

import { Card } from "../live/card.js";
import { make } from "../live/make.js";

export class WhyCard extends Card {
  /** `ask(user, pinned)`; the answer comes through `tell`. */
  constructor(stage, crowd, ask) {
    super(stage, crowd, (user) => ask(user, this.pinned));
  }

  pin(dot) {
    super.pin(dot);
    if (this.pinned) this.ask(this.ids[dot]);
  }

  place() {
    super.place();
    const { place, width } = this.crowd;
    this.card.classList.toggle("left", Boolean(place) && this.dot >= 0 && place.x[this.dot] > width / 2);
    this.card.classList.remove("below"); // it stands in the other half
  }

  /** `lines`: [what kind of line, text]. */
  tell(user, pinned, lines) {
    if (this.dot < 0 || this.ids[this.dot] !== user || pinned !== this.pinned) return;
    const text = JSON.stringify(lines);
    if (text !== this.told) {
      this.told = text;
      this.card.replaceChildren(...lines.map(([kind, line]) => make("p", { class: kind, text: line })));
    }
    this.card.hidden = false;
  }

  hide() {
    super.hide();
    this.told = null;
  }
}

/**
 * Why a person has not got a post: the oldest that waits for them here, else the oldest that waits for them on the other
 * side, else the newest of whoever was made to post. The same post is then asked about on both sides.
 */
export async function askWhy(here, there, user, author) {
  let mine = await here.ask({ do: "why", user, post: null });
  let post = mine?.post ?? null;
  if (post === null) post = (await there.ask({ do: "why", user, post: null }))?.post ?? null;
  if (post === null && author !== null) post = await newestPost(here, user, author);
  if (post === null) return [["", `${here.name}: ${mine?.line ?? ""}`]];
  if (mine?.post !== post) mine = await here.ask({ do: "why", user, post });
  const theirs = await there.ask({ do: "why", user, post });
  const told = [["here", `${here.name}: ${mine?.line ?? ""}`]];
  if (theirs) told.push(["also", `${there.name}, the same post: ${theirs.line}`]);
  return told;
}

async function newestPost(side, viewer, author) {
  const page = await side.ask({ do: "page", what: "profile", user: viewer, author, limit: 1 });
  return page?.posts?.[0]?.row ?? null;
}
