// The clock of a mock interview, and the keeper of what is being written: a text is sent on after a short rest, and at
// once when the page is left, so that a reload loses nothing.

const REST_MS = 800;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
const STILL_STEP_S = 10;
const TURN_S = 7;
const [ARRIVED_MS, LOST_MS] = [4000, 20000];
const LEAVING = ["beforeunload", "pagehide"]; // before the first the connection still stands

const put = (node, text) => {
  if (node.textContent !== text) node.textContent = text;
};

/** 754 -> "12:34"; 3,754 -> "1:02:34". */
function digits(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const two = (n) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** Of a field, however often it has been made anew. */
const nameOf = (field) =>
  [...(field.closest("[class*='st-key-interview_']")?.classList ?? [])]
    .find((one) => one.startsWith("st-key-interview_"))
    ?.replace(/_\d+$/, "");

const fieldOf = (name) =>
  [...document.querySelectorAll(`[class*="${name}_"] :is(textarea, input[type=text])`)].find((one) => nameOf(one) === name);

/** A field's text as if it had been typed: what draws the page has to hear of it. */
function write(field, text) {
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What is typed: sent after a rest, and until it has surely arrived kept in this tab, for a page that is loaded anew. */
class Keeper {
  constructor() {
    this.waiting = new Map();
    this.typed = (event) => this.type(event.target);
    this.sent = (event) => this.forget(event.target);
    this.left = () => this.flush();
    this.lost = this.unsent();
    document.addEventListener("input", this.typed);
    document.addEventListener("focusout", this.sent);
    for (const leaving of LEAVING) addEventListener(leaving, this.left);
    document.addEventListener("visibilitychange", this.left);
  }

  type(field) {
    if (!field.closest?.("[data-testid=stTextArea], [data-testid=stTextInput]") || !nameOf(field)) return;
    clearTimeout(this.waiting.get(field));
    this.waiting.set(field, setTimeout(() => this.send(field), REST_MS));
    sessionStorage.setItem(nameOf(field), JSON.stringify([Date.now(), field.value]));
  }

  /** It has been sent, by this or by leaving the field; soon it has arrived. */
  forget(field) {
    if (!this.waiting.has(field)) return;
    clearTimeout(this.waiting.get(field));
    this.waiting.delete(field);
    const [name, text] = [nameOf(field), sessionStorage.getItem(nameOf(field))];
    setTimeout(() => sessionStorage.getItem(name) === text && sessionStorage.removeItem(name), ARRIVED_MS);
  }

  /** As the key that sends a field does. */
  send(field) {
    this.forget(field);
    if (!field.isConnected) return;
    const key = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: field.tagName === "TEXTAREA", bubbles: true };
    field.dispatchEvent(new KeyboardEvent("keydown", { ...key, cancelable: true }));
  }

  flush() {
    for (const field of [...this.waiting.keys()]) this.send(field);
  }

  /** Names of fields whose text may not have arrived before the page was loaded anew. */
  unsent() {
    const names = Object.keys(sessionStorage).filter((name) => name.startsWith("st-key-interview_"));
    for (const name of names) if (Date.now() - JSON.parse(sessionStorage.getItem(name))[0] > LOST_MS) sessionStorage.removeItem(name);
    return new Set(names.filter((name) => sessionStorage.getItem(name)));
  }

  /** Write them again, once their fields are there and enabled. */
  restore() {
    for (const name of this.lost) {
      const field = fieldOf(name);
      const kept = JSON.parse(sessionStorage.getItem(name) ?? "null");
      if (kept && (!field || field.disabled) && Date.now() - kept[0] < LOST_MS) continue;
      this.lost.delete(name);
      if (field && kept && field.value !== kept[1] && document.activeElement !== field) {
        write(field, kept[1]);
        this.send(field);
      }
    }
  }

  stop() {
    for (const timer of this.waiting.values()) clearTimeout(timer);
    document.removeEventListener("input", this.typed);
    document.removeEventListener("focusout", this.sent);
    for (const leaving of LEAVING) removeEventListener(leaving, this.left);
    document.removeEventListener("visibilitychange", this.left);
  }
}

class Clock {
  constructor(root) {
    this.root = root;
    this.keeper = new Keeper();
    this.timer = setInterval(() => this.draw(), 250);
  }

  update(data) {
    this.data = data;
    this.since = performance.now();
    put(this.root.querySelector("h1"), data.title);
    put(this.root.querySelector(".said"), data.said);
    this.draw();
  }

  draw() {
    const { data, root } = this;
    this.keeper.restore();
    let gone = data.stands ? 0 : (performance.now() - this.since) / 1000;
    // Another part opens by itself now, or the sheets are closed: what is being typed has to be there before
    if (data.turns_s.some((turn) => Math.abs(data.elapsed_s + gone - turn) < TURN_S)) this.keeper.flush();
    if (STILL.matches) gone = Math.floor(gone / STILL_STEP_S) * STILL_STEP_S;
    const left = data.of_s - data.elapsed_s - gone;
    const box = data.in_box_s + gone;
    put(root.querySelector(".left"), left >= 0 ? digits(left) : `+${digits(-left)}`);
    put(root.querySelector(".of"), data.paused ? "paused" : left >= 0 ? `left of ${digits(data.of_s)}` : "over time");
    put(root.querySelector(".step"), data.box_s ? `This step: ${digits(box)} of ${digits(data.box_s)}` : "");
    root.classList.toggle("amber", Boolean(data.box_s) && (data.amber || box > data.box_s));
    root.classList.toggle("paused", data.paused);
    root.classList.toggle("dark", data.dark);
  }

  stop() {
    clearInterval(this.timer);
    this.keeper.stop();
  }
}

/** Streamlit calls it at every run; the clock is made once, and stops when the page is left. */
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".interview-clock");
  root.clock ??= new Clock(root);
  root.clock.update(data);
  const turn = (root.turn = (root.turn ?? 0) + 1);
  return () => {
    if (turn !== root.turn) return;
    root.clock.stop();
    root.clock = null;
  };
}
