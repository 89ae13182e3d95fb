// What stands for people and pictures: discs with initials, and patterns. Both are made from a number alone.

const GOLDEN = 137.508;
const HUES = 360;

/** "mira412" -> {name: "Mira", handle: "@mira412"}. */
export function spoken(name) {
  const bare = name.replace(/\d+$/, "");
  return { name: bare[0].toUpperCase() + bare.slice(1), handle: `@${name.toLowerCase()}` };
}

export function paintFace(disc, user, name) {
  disc.textContent = spoken(name).name.slice(0, 2);
  disc.style.background = `oklch(0.46 0.11 ${((user * GOLDEN) % HUES).toFixed(0)})`;
}

export function face(user, name) {
  const disc = document.createElement("span");
  disc.className = "face";
  disc.setAttribute("aria-hidden", "true");
  paintFace(disc, user, name);
  return disc;
}

/** A picture that is only a number: hills under a sky, the same for the same number. */
export function picture(media) {
  const lot = lots(media);
  const hue = Math.floor(lot() * HUES);
  const hill = (level, dark) => {
    const y = () => (level + lot() * 16).toFixed(0);
    return `<path fill="oklch(${dark} 0.07 ${hue})" d="M0 100V${y()}C20 ${y()} 40 ${y()} 55 ${y()}S85 ${y()} 100 ${y()}S150 ${y()} 160 ${y()}V100Z"/>`;
  };
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 160 84");
  svg.setAttribute("preserveAspectRatio", "xMidYMid slice");
  svg.setAttribute("class", "picture");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `Picture ${media}, a placeholder`);
  const sun = `<circle cx="${(20 + lot() * 120).toFixed(0)}" cy="${(14 + lot() * 22).toFixed(0)}" r="${(6 + lot() * 7).toFixed(0)}" fill="oklch(0.93 0.09 ${(hue + 60) % HUES})"/>`;
  svg.innerHTML = `<rect width="160" height="100" fill="oklch(0.8 0.06 ${(hue + 180) % HUES})"/>${sun}${hill(34, 0.66)}${hill(48, 0.54)}${hill(62, 0.42)}`;
  return svg;
}

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
function lots(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
