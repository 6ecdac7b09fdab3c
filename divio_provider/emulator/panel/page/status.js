// How an environment stands, in words, a colour and a bar.

import { element, say, since, unseen } from "./elements.js";

/** "Test", "Live". */
export const title = (slug) => slug.charAt(0).toUpperCase() + slug.slice(1);

/** One word for what matters most: running, failure, behind, success, never. */
export function standing(environment) {
  if (environment.state === "success" && environment.is_behind) return "behind";
  return environment.state;
}

function words(environment) {
  switch (standing(environment)) {
    case "running":
      return environment.stage;
    case "failure":
      return `failed ${since(environment.ended_at)} ago`;
    case "behind":
      return `behind, deployed ${since(environment.ended_at)} ago`;
    case "success":
      return `deployed ${since(environment.ended_at)} ago`;
    default:
      return "never deployed";
  }
}

/** A status that is made once and then follows its environment. */
export class Status {
  constructor(name, label) {
    this.dot = element("span", { class: "dot", "aria-hidden": "true" });
    this.text = element("span", { class: "words" });
    this.percent = element("span", { class: "percent" });
    this.bar = element("progress", { max: "100", value: "0", "aria-label": `${label}: progress of the deployment` });
    this.element = element(
      "span",
      { class: "status" },
      this.dot,
      element("b", {}, name),
      unseen(": "),
      this.text,
      this.percent,
      this.bar,
    );
  }

  follow(environment) {
    const state = standing(environment);
    const running = state === "running";
    this.element.dataset.state = state;
    say(this.text, words(environment));
    say(this.percent, running ? `${environment.percent} %` : "");
    this.bar.hidden = !running;
    if (running) this.bar.value = environment.percent;
  }
}

/** "SITE_ID 2"; where the environments differ, each. */
export function siteId(application) {
  const ids = [...new Set(application.environments.map((environment) => environment.site_id ?? "not set"))];
  // Without one a site takes itself for the first, which is right for an original and wrong for every mirror.
  if (ids.join() === "not set") return application.mirror_of ? "no SITE_ID" : "SITE_ID 1";
  return `SITE_ID ${ids.join(" / ")}`;
}
