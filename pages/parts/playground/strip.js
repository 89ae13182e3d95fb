// The world in one strip: its time, its strategy, one event and its lag.

import { strategyButton } from "../live/rail.js";
import { showTile } from "../live/status.js";
import { Transport } from "../live/transport.js";

export class Strip {
  constructor(box, strategies, send) {
    this.tile = box.querySelector(".tile");
    this.transport = new Transport(box, send);
    this.buttons = strategies.map((strategy) => strategyButton(strategy, () => this.choose(strategy.slug)));
    box.querySelector(".strategies").replaceChildren(...this.buttons);
    box.querySelectorAll("[data-event]").forEach((button) =>
      button.addEventListener("click", () => send({ do: "inject", name: button.dataset.event }, button)));
    this.send = send;
  }

  choose(slug) {
    const before = this.strategy;
    this.mark(slug);
    this.send({ do: "strategy", name: slug }, this.buttons.find((b) => b.dataset.slug === slug), () => this.mark(before));
  }

  mark(slug) {
    this.buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.slug === slug)));
  }

  show(tick, palette) {
    this.transport.show(tick);
    if (tick.strategy !== this.strategy || !this.buttons.some((button) => button.getAttribute("aria-busy"))) this.mark(tick.strategy);
    this.strategy = tick.strategy;
    const lag = tick.tiles.find((tile) => tile.metric === "fanout_lag");
    if (lag) showTile(this.tile, lag, palette);
  }
}
