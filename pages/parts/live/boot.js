// Runs when Streamlit mounts the element: write the numbers that came with it, then load the rest.

function firstPicture(root, first) {
  const put = (selector, text) => {
    const part = root.querySelector(selector);
    if (part && !part.textContent) part.textContent = text;
  };
  root.querySelector(".verdict").dataset.status = first.verdict.status;
  put(".verdict .line", first.verdict.line);
  put(".verdict .why", first.verdict.why);
  put(".verdict .try", (first.verdict.try ?? "").replace(/^./, (c) => `Try: ${c.toLowerCase()}`));
  put(".clock", first.clock);
  put(".crowd-text", first.text);
  put(".banner-text", first.banner ?? "");
  root.querySelector(".banner").hidden = !root.querySelector(".banner-text").textContent;
  root.querySelectorAll(".tile").forEach((tile, i) => {
    for (const name of ["label", "value", "window"]) {
      const part = tile.querySelector(`.${name}`);
      if (!part.textContent) part.textContent = first.tiles[i]?.[name] ?? "";
    }
  });
}

/** The largest script comes over the wire meanwhile; it is run when there is something to draw. */
function fetchAhead(path) {
  if (document.querySelector(`link[href$="${path}"]`)) return;
  const link = Object.assign(document.createElement("link"), { rel: "preload", as: "script" });
  link.href = new URL(path, location.origin).href;
  document.head.append(link);
}

export default async function (component) {
  const root = component.parentElement.querySelector(".live");
  if (component.data.first) firstPicture(root, component.data.first);
  if (component.data.charts) fetchAhead("/assets/plotly.min.js");
  const { mount } = await import(new URL(`/assets/${component.data.part}/main.js`, location.origin).href);
  return mount(root, component);
}
