// The centre of a page: the crowd, or the living diagram in its place. The engine sends the diagram only while it is seen.

const KEY = "murmuration.view";
const VIEWS = ["crowd", "diagram"];

export class Views {
  /** Buttons with data-view choose; `changed(view)` is told. The root's data-view is what the style goes by. */
  constructor(root, send, changed) {
    Object.assign(this, { root, send, changed });
    this.buttons = root.querySelectorAll("button[data-view]");
    this.buttons.forEach((button) => button.addEventListener("click", () => this.choose(button.dataset.view, button)));
    this.view = sessionStorage.getItem(KEY);
    if (!VIEWS.includes(this.view)) this.view = "crowd";
    this.mark();
  }

  choose(view, button) {
    if (view === this.view) return;
    this.view = view;
    sessionStorage.setItem(KEY, view);
    this.mark();
    this.ask(button);
    this.changed(view);
  }

  /** A new connection shows the crowd until it is told otherwise. */
  connected() {
    if (this.view !== "crowd") this.ask();
  }

  ask(button) {
    this.send({ do: "view", view: this.view }, button);
  }

  mark() {
    this.root.dataset.view = this.view;
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.view === this.view)));
  }
}
