// The wire of one live world: JSON both ways, and the canvas in binary. Reconnects by itself.

const FIRST_WAIT = 400;
const LONGEST_WAIT = 8000;
const GONE_CODE = 4404;

export class Socket {
  /** `on` holds full, tick, binary, state (up | down), gone: this world exists no more, and past, if it looks back. */
  constructor(world, on, side = 0) {
    this.on = on;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.url = `${scheme}://${location.host}/v1/worlds/${encodeURIComponent(world)}/live${side ? `?side=${side}` : ""}`;
    this.wait = FIRST_WAIT;
    this.asked = [];
    this.open();
  }

  open() {
    if (this.closed) return;
    this.ws = new WebSocket(this.url);
    this.ws.binaryType = "arraybuffer";
    this.ws.onmessage = (event) => {
      if (typeof event.data === "string") this.hear(JSON.parse(event.data));
      else this.on.binary(new Uint8Array(event.data));
    };
    this.ws.onclose = (event) => this.again(event.code);
  }

  hear(message) {
    if (message.type === "full") {
      this.wait = FIRST_WAIT;
      this.on.state("up");
    }
    if (["full", "tick", "past"].includes(message.type)) this.on[message.type](message);
    else this.asked.shift()?.(message); // commands are answered one after another
  }

  again(code) {
    for (const answer of this.asked.splice(0)) answer({ type: "error", message: null });
    if (this.closed) return;
    this.on.state("down");
    if (code === GONE_CODE) return this.on.gone();
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  /** Sends a command; `answer` gets done, error or person. False when there is no connection to send it over. */
  send(command, answer = () => {}) {
    if (this.ws.readyState !== WebSocket.OPEN) return false;
    this.asked.push(answer);
    this.ws.send(JSON.stringify(command));
    return true;
  }

  stop() {
    this.closed = true;
    clearTimeout(this.timer);
    this.ws.close();
  }
}
