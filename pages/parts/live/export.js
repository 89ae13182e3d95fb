// The picture for a report: verdict, tiles, crowd and charts on one sheet, with what is needed to run it again.

const PAD = 20;
const SCALE = 2;

export async function savePicture(lab) {
  const { palette, font } = lab.theme;
  const [stage, charts] = [".stage", ".charts"].map((s) => lab.root.querySelector(s).getBoundingClientRect());
  const width = PAD * 3 + stage.width + charts.width;
  const height = 150 + Math.max(stage.height + 56, charts.height) + PAD;
  const sheet = Object.assign(document.createElement("canvas"), { width: width * SCALE, height: height * SCALE });
  const pen = sheet.getContext("2d");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = palette.ground;
  pen.fillRect(0, 0, width, height);
  const write = (text, x, y, size, colour = palette.ink, weight = 400, room = width - x - PAD) => {
    pen.fillStyle = colour;
    pen.font = `${weight} ${size}px ${font}`;
    pen.fillText(text, x, y, room);
  };
  const { tick, full } = lab;
  write(tick.verdict.line, PAD, 36, 20, palette.ink, 600);
  write(`${tick.clock}. ${lab.identity()}. ${lab.design()}.`, PAD, 58, 13, palette.muted);
  tick.tiles.forEach((tile, i) => {
    const x = PAD + (i * (width - 2 * PAD)) / 4;
    write(`${tile.label}, ${tile.window}`, x, 88, 12, palette.muted, 400, (width - 2 * PAD) / 4 - 8);
    write(tile.value, x, 116, 24, palette.ink, 600, (width - 2 * PAD) / 4 - 8);
  });
  const diagram = lab.views?.view === "diagram";
  if (diagram) await drawDiagram(lab, pen, PAD, 136, stage);
  else drawStage(lab, pen, write, PAD, 136, stage);
  write(tick.text, PAD, 136 + stage.height + 22, 13, palette.ink, 400, stage.width);
  if (!diagram) drawLegend(lab, pen, write, PAD, 136 + stage.height + 44);
  await drawCharts(lab, pen, write, PAD * 2 + stage.width, 136, charts);
  const link = document.createElement("a");
  link.download = `murmuration-${full.world.name}-${tick.strategy}-${tick.clock.replaceAll(":", "")}.png`;
  link.href = sheet.toDataURL("image/png");
  link.click();
}

const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "paint-order", "font", "display"];

/** The living diagram as it is on the page: a picture outside the page has no style sheet, so each part takes its own along. */
async function drawDiagram(lab, pen, x, y, stage) {
  const { svg } = lab.diagram;
  const copy = svg.cloneNode(true);
  const parts = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((part, i) => {
    const style = getComputedStyle(part);
    parts[i].setAttribute("style", DRAWN.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
  });
  const { width, height, top } = svg.getBoundingClientRect();
  Object.entries({ width, height }).forEach(([name, value]) => copy.setAttribute(name, value));
  const picture = new Image();
  picture.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();
  pen.strokeStyle = lab.theme.palette.line;
  pen.strokeRect(x, y, stage.width, stage.height);
  pen.drawImage(picture, x, y + top - stage.top, width, height);
}

/** Crowd and authors, where they stand on the page. */
function drawStage(lab, pen, write, x, y, stage) {
  const { palette } = lab.theme;
  pen.strokeStyle = palette.line;
  pen.strokeRect(x, y, stage.width, stage.height);
  const at = (element) => {
    const box = element.getBoundingClientRect();
    return [x + box.left - stage.left, y + box.top - stage.top, box.width, box.height];
  };
  pen.drawImage(lab.crowd.canvas, ...at(lab.crowd.canvas));
  write(lab.root.querySelector(".caption-text").textContent, x + 10, y + 17, 12, palette.muted, 400, stage.width - 20);
  lab.root.querySelectorAll(".author").forEach((author) => {
    const [cx, cy, w, h] = at(author.querySelector("i"));
    pen.beginPath();
    pen.arc(cx + w / 2, cy + h / 2, w / 2, 0, 7);
    pen.fillStyle = palette.quiet;
    pen.fill();
    for (const [tag, weight, colour] of [["b", 600, palette.ink], ["span", 400, palette.muted]]) {
      const part = author.querySelector(tag);
      const [tx, ty, , th] = at(part);
      write(part.textContent, tx, ty + th - 4, 11, colour, weight, 90);
    }
  });
}

function drawLegend(lab, pen, write, x, y) {
  for (const item of lab.root.querySelectorAll(".legend > span")) {
    const mark = item.querySelector("canvas");
    const size = Number.parseFloat(mark.style.width);
    pen.drawImage(mark, x, y - 4 - size / 2, size, size);
    write(item.textContent, x + size + 4, y, 12, lab.theme.palette.muted);
    x += size + 20 + pen.measureText(item.textContent).width;
  }
}

async function drawCharts(lab, pen, write, x, y, charts) {
  const image = new Image();
  image.src = await lab.charts.image();
  await image.decode();
  pen.drawImage(image, x, y, charts.width, charts.height);
  const { palette } = lab.theme;
  lab.root.querySelectorAll(".charts .chart-title").forEach((title) => {
    const box = title.getBoundingClientRect();
    const words = [...title.children].slice(0, 2).map((part) => part.textContent).join("");
    write(words, x + box.left - charts.left, y + box.top - charts.top + 14, 12, palette.ink, 600);
  });
  lab.root.querySelectorAll(".charts .flag").forEach((flag) => {
    if (flag.style.visibility === "hidden") return;
    const box = flag.getBoundingClientRect();
    write(flag.textContent, x + box.left - charts.left + 4, y + box.top - charts.top + 12, 11, palette.ink);
  });
}
