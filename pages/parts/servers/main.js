// The live part of Real servers: what Python saw last, in the Load lab's own verdict, tiles and charts.

import { showBanner } from "../live/banner.js";
import { Charts } from "../live/charts.js";
import { Hint } from "../live/hint.js";
import { History } from "../live/history.js";
import { mounted } from "../live/mounted.js";
import { showTile, showVerdict } from "../live/status.js";
import { Theme } from "../live/theme.js";

class Servers {
  constructor(root, component) {
    this.root = root;
    this.theme = new Theme(root);
    this.history = new History(() => null);
    this.charts = new Charts(root.querySelector(".charts"), component.data.charts, 1);
    this.hint = new Hint(root);
    this.update(component);
  }

  /** Python looked again. */
  update({ data: { picture } }) {
    this.theme.read();
    const find = (selector) => this.root.querySelector(selector);
    showVerdict(find, picture.verdict);
    showBanner(this.root, picture.banner);
    this.root.classList.toggle("degraded", picture.degraded);
    this.root.querySelectorAll(".tile").forEach((tile, i) => showTile(tile, picture.tiles[i], this.theme.palette));
    this.history.reset(picture.series, null, picture.flags);
    this.charts.draw({ history: this.history, theme: this.theme, slo: { lag: picture.slo_s }, fast: false });
    window.__murmurationServers = picture;
  }

  stop() {
    this.charts.stop();
    this.hint.hide();
  }
}

/** Called by boot.js at every run of the page; the element itself is made once. */
export function mount(root, component) {
  return mounted(root, component, Servers);
}
