// The box at the head of a page that stays while something is not as it should be, and says what to do.

import { put } from "./format.js";

/** `text`: what is wrong, or null. */
export function showBanner(root, text) {
  const box = root.querySelector(".banner");
  put(box.querySelector(".banner-text"), text ?? "");
  box.hidden = !text;
}
