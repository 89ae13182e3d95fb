// One person: the card of who you are, the head of a profile, and what you may do with somebody.

import { count, put } from "../live/format.js";
import { make } from "../live/make.js";
import { face, spoken } from "./faces.js";
import { many } from "./words.js";

const FIGURES = [
  ["followers", "follower", "followers", "People who follow this account now."],
  ["followees", "following", "following", "Accounts that this person follows now."],
  ["posts", "post", "posts", "Posts, replies and reposts of this account, deleted ones not counted."],
];

/** Who you are. */
export function drawMe(box, user, address) {
  const { name, handle } = spoken(user.name);
  box.replaceChildren(
    make("div", { class: "title" }, face(user.user, user.name), make("b", { text: `You are ${name}` }), make("span", { text: `${handle}, number ${count(user.user)}` })),
    figures(user),
    ...[user.view, listWords(user.list)].filter(Boolean).map((text) => make("p", { class: "view", text })),
    make("a", { class: "twin-tab", href: address, target: "_blank", rel: "noopener", text: `Open ${name} in another tab`,
      hint: "The same person in this very world, in a tab of their own. Become somebody else there, and two tabs are two people." }),
  );
}

/** The head of a profile; `on` holds relate(what, user, button) and become(user). */
export function drawProfile(box, user, me, on) {
  const { name, handle } = spoken(user.name);
  const title = make("div", { class: "title" }, face(user.user, user.name), make("b", { text: name }), make("span", { text: handle }));
  const held = box.contains(document.activeElement) ? document.activeElement.dataset.what : null;
  const acts = make("div", { class: "relations", role: "group", "aria-label": `You and ${name}` });
  if (user.user !== me) {
    acts.append(...choices(user).map(({ what, text, primary, hint }) => {
      const button = make("button", { text, hint, class: primary ? "primary" : "", onclick: () => on.relate(what, user, button) });
      button.dataset.what = groupOf(what);
      return button;
    }), make("button", { text: `Be ${name}`, hint: "Become this person.", onclick: () => on.become(user.user) }));
  }
  box.replaceChildren(title, figures(user), ...(user.user === me ? [] : [acts]));
  if (user.followed_by && user.user !== me) put(title.lastChild, `${handle}, follows you`);
  if (held) box.querySelector(`[data-what="${held}"]`)?.focus();
}

/** What you may do with somebody, as things stand. */
export function choices({ user, name, follows, blocks, mutes }) {
  const { name: shown } = spoken(name);
  return [
    { what: follows ? "unfollow" : "follow", text: follows ? "Unfollow" : "Follow", primary: !follows, user,
      hint: follows ? `All of ${shown}'s posts leave your home at once.` : `${shown}'s newest posts enter your home at once.` },
    { what: mutes ? "unmute" : "mute", text: mutes ? "Unmute" : "Mute", user,
      hint: mutes ? `${shown}'s posts show again.` : `Hides ${shown} from your home; they do not learn of it.` },
    { what: blocks ? "unblock" : "block", text: blocks ? "Unblock" : "Block", user,
      hint: blocks ? "Lifts the block; follows do not come back." : "Neither sees the other, and follows between you end." },
  ];
}

const listWords = (entries) => (typeof entries === "number" ? `Home list: ${many(entries, "entry", "entries")}.` : "No home list is stored: each read has to put home together.");

const groupOf = (what) => what.replace(/^un/, "");

function figures(user) {
  const list = FIGURES.map(([field, one, several, hint]) =>
    make("span", { tabindex: "0", hint: `${hint} Counted now.` }, make("b", { text: count(user[field]) }), ` ${user[field] === 1 ? one : several}`));
  if (user.away_days >= 1) list.push(make("span", { tabindex: "0", hint: "Days since this person last opened the app, counted when the world opened." }, `away for ${many(Math.floor(user.away_days), "day")}`));
  return make("p", { class: "figures" }, ...list);
}
