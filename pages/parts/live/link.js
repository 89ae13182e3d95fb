// A page's connection to its world: commands with their answers, the notice, and the way back to a world that was closed.

import { showBanner } from "./banner.js";
import { Notice, news } from "./notice.js";
import { Socket } from "./socket.js";

const REOPEN_MS = 2500;
const LOST = "The connection to this world was lost; trying again by itself.";
const NOT_CONNECTED = "Not connected to the world just now; trying again by itself.";

export class Link {
  /** `python` asks the server for another world; `on` holds full, tick, and if wanted binary and broke. */
  constructor(root, python, on) {
    Object.assign(this, { root, python, on });
    this.notice = new Notice(root);
  }

  connect(world) {
    this.socket?.stop();
    clearTimeout(this.again);
    this.world = world;
    this.socket = new Socket(world, {
      full: (message) => (message.world ? this.full(message) : this.on.broke?.(message)),
      tick: (message) => this.full_ && this.tick(message),
      binary: (bytes) => this.on.binary?.(bytes),
      state: (state) => this.online(state === "up"),
      gone: () => this.reopen(),
    });
  }

  full(message) {
    this.full_ = message;
    this.last = message.tick;
    showBanner(this.root, message.tick.banner);
    this.on.full(message);
  }

  tick(message) {
    this.last = message;
    showBanner(this.root, message.banner);
    this.on.tick(message);
  }

  /** The answer to a command. Fails with the engine's one sentence, or with "" when the connection ended meanwhile. */
  ask(command) {
    return new Promise((resolve, reject) => {
      const heard = (answer) => (answer.type === "error" ? reject(new Error(answer.message ?? "")) : resolve(answer));
      if (!this.socket.send(command, heard)) reject(new Error(NOT_CONNECTED));
    });
  }

  /** As `ask`, while `element` shows that it was heard; what was refused is said. Null when it was. */
  async act(command, element) {
    element?.setAttribute("aria-busy", "true");
    try {
      const answer = await this.ask(command);
      this.say(null);
      return answer;
    } catch (refused) {
      if (refused.message) this.say(refused.message);
      return null;
    } finally {
      element?.removeAttribute("aria-busy");
    }
  }

  /** For the parts that take a way back instead of an answer. */
  async send(command, element, undo) {
    if (!(await this.act(command, element))) undo?.();
  }

  /** It was closed after standing idle: the same again, as it was last seen. */
  reopen() {
    if (this.leaving) return; // it was closed because another one takes its place
    const { name, knobs } = this.full_?.world ?? {};
    this.python({ do: "reopen", world: name, strategy: this.last?.strategy, knobs });
    this.again = setTimeout(() => this.connect(this.world), REOPEN_MS); // it may be there again by then; else once more
  }

  /** Python opens another world, and this one is given up for it. */
  leave(command) {
    this.leaving = true;
    this.python(command);
  }

  online(up) {
    this.root.classList.toggle("offline", !up);
    if (up) this.notice.unsay(LOST);
    if (!up && this.full_ && !this.offline) this.say(LOST);
    this.offline = !up;
  }

  say(text) {
    this.notice.say(text);
  }

  /** Says what Python has to say, if that is new; whether it was. */
  hear(notice) {
    const told = news(notice);
    if (!told) return false;
    this.leaving = false;
    this.say(told.text);
    return true;
  }

  stop() {
    clearTimeout(this.again);
    this.socket?.stop();
  }
}
