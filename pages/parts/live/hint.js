// One tooltip for the page: what a number or a control means, on hover, focus and tap.

const GAP = 6;

/** Text that is cut short is said in full first; `data-hint=""` stands where that is all there is to say. */
function hintOf(target) {
  const cut = !target.childElementCount && target.scrollWidth > target.clientWidth;
  return [cut ? target.textContent : "", target.dataset.hint].filter(Boolean).join(" ");
}

export class Hint {
  constructor(root) {
    this.root = root;
    this.box = root.querySelector(".hint");
    this.shows = (event) => this.show(event.target.closest?.("[data-hint]"), event.target);
    this.hides = () => this.hide();
    // a click with the mouse has done its work, and the hint would cover what it did; a tap asks for the hint
    this.clicks = (event) => event.pointerType === "mouse" && !event.target.closest(".tile") && this.hide();
    this.keys = (event) => event.key === "Escape" && this.hide();
    root.addEventListener("pointerover", this.shows);
    root.addEventListener("focusin", this.shows);
    root.addEventListener("pointerleave", this.hides);
    root.addEventListener("focusout", this.hides);
    root.addEventListener("keydown", this.keys);
    root.addEventListener("click", this.clicks);
  }

  /** `target` has the hint, `about` is what is looked at: the same, or a control within, and then it is the one described. */
  show(target, about) {
    if (!target) return this.hide();
    if (target === this.target) return;
    this.hide();
    this.target = target;
    this.described = about === document.activeElement ? about : target;
    this.box.textContent = hintOf(target);
    if (!this.box.textContent) return;
    this.described.setAttribute("aria-describedby", this.box.id);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.place(target), 250);
  }

  place(target) {
    if (!target.isConnected) return this.hide();
    this.box.hidden = false;
    const at = target.getBoundingClientRect();
    const { width, height } = this.box.getBoundingClientRect();
    const below = at.bottom + GAP + height < innerHeight;
    this.box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - width - 8))}px`;
    this.box.style.top = `${below ? at.bottom + GAP : at.top - GAP - height}px`;
  }

  hide() {
    clearTimeout(this.timer);
    this.described?.removeAttribute("aria-describedby");
    this.described = this.target = null;
    this.box.hidden = true;
  }
}
