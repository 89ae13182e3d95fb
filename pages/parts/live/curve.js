// Where each dot stands: ids laid along a generalised Hilbert curve, so that neighbours in id are neighbours on screen.

/** The cells of a width x height grid in curve order, as [column, row] pairs. */
export function curve(width, height) {
  const cells = [];
  const { sign, abs, trunc } = Math;
  const walk = (x, y, ax, ay, bx, by) => {
    const w = abs(ax + ay);
    const h = abs(bx + by);
    const [dax, day, dbx, dby] = [sign(ax), sign(ay), sign(bx), sign(by)];
    if (h === 1 || w === 1) {
      const [steps, dx, dy] = h === 1 ? [w, dax, day] : [h, dbx, dby];
      for (let i = 0; i < steps; i++) cells.push([x + i * dx, y + i * dy]);
      return;
    }
    let [ax2, ay2, bx2, by2] = [trunc(ax / 2), trunc(ay / 2), trunc(bx / 2), trunc(by / 2)];
    if (2 * w > 3 * h) {
      if (abs(ax2 + ay2) % 2 && w > 2) [ax2, ay2] = [ax2 + dax, ay2 + day];
      walk(x, y, ax2, ay2, bx, by);
      walk(x + ax2, y + ay2, ax - ax2, ay - ay2, bx, by);
      return;
    }
    if (abs(bx2 + by2) % 2 && h > 2) [bx2, by2] = [bx2 + dbx, by2 + dby];
    walk(x, y, bx2, by2, ax2, ay2);
    walk(x + bx2, y + by2, ax, ay, bx - bx2, by - by2);
    walk(x + (ax - dax) + (bx2 - dbx), y + (ay - day) + (by2 - dby), -bx2, -by2, -(ax - ax2), -(ay - ay2));
  };
  if (width >= height) walk(0, 0, width, 0, 0, height);
  else walk(0, 0, 0, height, width, 0);
  return cells;
}

/** Lays `count` dots into a box: pitch, and column, row and centre of every dot. */
export function layout(count, width, height, margin = 8) {
  const w = width - 2 * margin;
  const h = height - 2 * margin;
  let pitch = Math.sqrt((w * h) / Math.max(1, count));
  let columns;
  let rows;
  do {
    columns = Math.max(1, Math.floor(w / pitch));
    rows = Math.max(1, Math.floor(h / pitch));
    pitch -= 0.02;
  } while (columns * rows < count);
  const [dx, dy] = [w / columns, h / rows];
  pitch = Math.min(dx, dy);
  const place = { count, columns, rows, pitch, dx, dy, margin };
  place.x = new Float32Array(count);
  place.y = new Float32Array(count);
  place.column = new Uint16Array(count);
  place.row = new Uint16Array(count);
  place.at = new Int32Array(columns * rows).fill(-1);
  curve(columns, rows).slice(0, count).forEach(([column, row], dot) => {
    place.x[dot] = margin + (column + 0.5) * dx;
    place.y[dot] = margin + (row + 0.5) * dy;
    place.column[dot] = column;
    place.row[dot] = row;
    place.at[row * columns + column] = dot;
  });
  return place;
}

/** The dot under a point, or -1. */
export function dotAt(place, x, y) {
  const column = Math.floor((x - place.margin) / place.dx);
  const row = Math.floor((y - place.margin) / place.dy);
  if (column < 0 || row < 0 || column >= place.columns || row >= place.rows) return -1;
  return place.at[row * place.columns + column];
}

/** The next dot from `dot` in a direction; the same dot at the border. */
export function neighbour(place, dot, dx, dy) {
  const column = place.column[dot] + dx;
  const row = place.row[dot] + dy;
  if (column < 0 || row < 0 || column >= place.columns || row >= place.rows) return dot;
  const next = place.at[row * place.columns + column];
  return next < 0 ? dot : next;
}
