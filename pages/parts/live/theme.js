// Two palettes, checked for contrast and for colour blindness; which one holds is read off the page.

const DARK = {
  dark: true, ground: "#0F1722", panel: "#172232", raised: "#1E2C40", line: "#33445A", grid: "#233042",
  ink: "#E8EEF6", muted: "#A9B7C8", accent: "#7AB8FF", onAccent: "#0B1420",
  quiet: "#5F6F86", some: "#9CC3D5", late: "#F59E0B", very: "#FFF4C2", area: "#5B6B82", area2: "#A3B1C4",
  strategies: { pull: "#2F8FD0", cached_pull: "#56B4E9", push: "#E8702A", hybrid: "#14B388", push_active: "#CC79A7", adaptive: "#E6C229", delayed: "#9B8CFF", per_edge: "#8FB339", lossy: "#B08968" },
};
const LIGHT = {
  dark: false, ground: "#FFFFFF", panel: "#F3F6FA", raised: "#FFFFFF", line: "#C3CDD9", grid: "#E3E9F0",
  ink: "#14202B", muted: "#4B5A6B", accent: "#0B5CB5", onAccent: "#FFFFFF",
  quiet: "#8590A0", some: "#1F6F8B", late: "#B45309", very: "#4A0D1F", area: "#97A3B2", area2: "#5C6978",
  strategies: { pull: "#0072B2", cached_pull: "#3D97CC", push: "#D55E00", hybrid: "#009E73", push_active: "#B9608F", adaptive: "#8A6D00", delayed: "#6A4FC9", per_edge: "#4F7A12", lossy: "#8A5A33" },
};
// The hues of the design, moved just enough to keep 3:1 on either ground.

export const DASH = { push: "solid", hybrid: "12px,3px", pull: "7px,4px", cached_pull: "2px,3px", push_active: "10px,3px,2px,3px", adaptive: "12px,3px,2px,3px", delayed: "12px,3px,4px,3px", per_edge: "5px,3px,2px,3px", lossy: "3px,3px" };
export const SVG_DASH = { push: "none", hybrid: "12 3", pull: "7 4", cached_pull: "2 3", push_active: "10 3 2 3", adaptive: "12 3 2 3", delayed: "12 3 4 3", per_edge: "5 3 2 3", lossy: "3 3" };

function luminance(colour) {
  const probe = document.createElement("canvas").getContext("2d");
  probe.fillStyle = colour || "#ffffff";
  const hex = probe.fillStyle;
  const [r, g, b] = hex.startsWith("#")
    ? [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))
    : hex.match(/[\d.]+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
}

/** Follows Streamlit's theme: `read()` is cheap and says whether it changed since the last call. */
export class Theme {
  constructor(root) {
    this.root = root;
    this.key = null;
    this.palette = LIGHT;
    this.read();
  }

  read() {
    const style = getComputedStyle(this.root);
    const key = style.getPropertyValue("--st-background-color").trim();
    if (key === this.key) return false;
    this.key = key;
    this.palette = luminance(key) < 0.4 ? DARK : LIGHT;
    this.font = style.getPropertyValue("--st-font").trim() || "sans-serif";
    for (const [name, value] of Object.entries(this.palette)) {
      if (typeof value === "string") this.root.style.setProperty(`--${name}`, value);
    }
    for (const [slug, value] of Object.entries(this.palette.strategies)) {
      this.root.style.setProperty(`--strategy-${slug}`, value);
    }
    this.root.dataset.theme = this.palette.dark ? "dark" : "light";
    return true;
  }
}
