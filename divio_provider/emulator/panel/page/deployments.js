// The deployments of an environment; each unfolds to its log, which grows while it runs.

import { read } from "./api.js";
import { element, renew, say, time } from "./elements.js";

const WORDS = { running: "running", success: "succeeded", failure: "failed" };

function lasted(deployment) {
  if (!deployment.ended_at) return "";
  const seconds = (Date.parse(deployment.ended_at) - Date.parse(deployment.started_at)) / 1000;
  return `, ${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
}

export class Deployments {
  constructor() {
    this.element = element("div", { class: "deployments" });
    this.items = new Map();
  }

  /** Shows them, newest first. */
  show({ newest }) {
    renew(this.element, newest.map((deployment) => this.#item(deployment)), newest.length ? [] : element("p", { class: "quiet" }, "None."));
  }

  #item(deployment) {
    let item = this.items.get(deployment.uuid);
    if (!item) {
      item = {
        state: element("span", { class: "dot", "aria-hidden": "true" }),
        words: element("span"),
        log: element("pre", { tabindex: "0", "aria-label": "Log" }),
      };
      item.element = element(
        "details",
        { class: "deployment" },
        element("summary", { "data-key": deployment.uuid }, item.state, time(deployment.started_at), " ", item.words),
        item.log,
      );
      item.element.addEventListener("toggle", () => this.#read(deployment.uuid));
      this.items.set(deployment.uuid, item);
    }
    item.running = deployment.state === "running";
    item.element.dataset.state = deployment.state;
    say(item.words, `${WORDS[deployment.state]}${lasted(deployment)} · ${deployment.build_mode} · ${deployment.image ?? "no image"}`);
    if (item.element.open) item.due = true;
    return item.element;
  }

  async #read(uuid) {
    const item = this.items.get(uuid);
    if (!item.element.open) return;
    item.due = item.running;
    const answer = await read(`deployments/${uuid}/log`, { again: true });
    say(item.log, answer.log);
  }

  /** Reads the open logs that go on. */
  async follow() {
    for (const [uuid, item] of this.items) {
      if (item.due && item.element.isConnected) await this.#read(uuid);
    }
  }
}
