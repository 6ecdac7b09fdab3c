// One site, opened: an environment with its deployments and variables, and the domains of the application.

import * as actions from "./actions.js";
import { forget, read } from "./api.js";
import { button, element, renew, time } from "./elements.js";
import { Deployments } from "./deployments.js";
import { Status, title } from "./status.js";

const tag = (text, kind = "") => element("span", { class: `tag ${kind}` }, text);

const heading = (text, action) => element("div", { class: "heading" }, element("h3", {}, text), action);

const none = (text) => element("p", { class: "quiet" }, text);

/** A line for each item: what it is, and what can be done with it. */
const things = (items, what, todo, nothing = "None.") =>
  items.length
    ? element(
        "ul",
        { class: "things" },
        items.map((item) => element("li", {}, element("div", { class: "thing" }, what(item)), todo ? element("div", { class: "do" }, todo(item)) : null)),
      )
    : none(nothing);

export class Site {
  /** `changed` is called after each change with the slug to open, if another. */
  constructor(target, changed) {
    this.target = target;
    this.changed = changed;
    this.slug = null;
  }

  get #path() {
    return `applications/${encodeURIComponent(this.slug)}`;
  }

  /** Opens a site, or none. */
  open(slug, environment) {
    const moved = slug !== this.slug || environment !== this.environment;
    this.environment = environment;
    if (moved) {
      this.slug = slug;
      this.data = null;
      this.target.hidden = !slug;
      this.target.replaceChildren();
      if (slug) forget(this.#path);
      this.arrived = Boolean(slug);
    }
  }

  /** Reads it, and shows it anew when something has changed; how far its deployment is comes with the overview. */
  async follow(estate) {
    if (!this.slug) return;
    const slug = this.slug;
    if (!estate.applications.some((one) => one.slug === slug)) {
      this.data = null;
      forget(this.#path);
      renew(this.target, this.#back(), none(`There is no site ${slug}.`));
      return;
    }
    const data = await read(this.#path);
    if (slug !== this.slug) return;
    if (data) {
      this.data = data;
      this.#show(estate);
    }
    const application = estate.applications.find((one) => one.uuid === this.data?.uuid);
    const now = application?.environments.find((one) => one.slug === this.shown?.slug);
    if (now) this.status.follow(now);
    await this.deployments?.follow();
  }

  #back() {
    return element("a", { class: "back", href: "#/" }, "All sites");
  }

  #show(estate) {
    const site = this.data;
    const done = () => this.changed();
    const shown = site.environments.find((one) => one.slug === this.environment) ?? site.environments.at(-1);
    if (this.shown?.uuid !== shown.uuid) {
      this.status = new Status(title(shown.slug), `${site.slug} ${title(shown.slug)}`);
      this.deployments = new Deployments();
    }
    this.shown = shown;
    this.deployments.show(shown.deployments);
    const name = element("h2", { id: "site-title", tabindex: "-1", "data-key": "title" }, site.name);
    this.target.setAttribute("aria-label", site.name);
    renew(
      this.target,
      this.#back(),
      name,
      this.#about(site),
      element(
        "div",
        { class: "buttons" },
        site.mirror_of
          ? null
          : button("Duplicate → Mirror", "mirror", () => actions.makeMirror(site, estate.plan_groups, (slug) => this.changed(`#/${slug}/live`))),
        button("Delete", "delete", () => actions.deleteApplication(site, () => this.changed("#/")), { class: "danger quietly" }),
      ),
      element(
        "nav",
        { class: "tabs", "aria-label": "Environments" },
        site.environments.map((one) =>
          element("a", { href: `#/${site.slug}/${one.slug}`, "aria-current": one === shown ? "page" : null, "data-key": one.slug }, title(one.slug)),
        ),
      ),
      this.#environment(site, shown, done),
      heading("Variables", button("Add", "add-variable", () => actions.addVariable(site, shown, done), { "aria-label": "Add a variable" })),
      this.#variables(shown, done),
      heading(`Deployments (${shown.deployments.count})`),
      this.deployments.element,
      heading("Service instances"),
      this.#services(shown),
      heading("Domains of Live", button("Attach", "attach", () => actions.attachDomain(site, done), { "aria-label": "Attach a domain" })),
      this.#domains(site, done),
    );
    if (this.arrived) {
      this.arrived = false;
      name.focus({ preventScroll: true });
      this.target.scrollTop = 0;
      if (matchMedia("(max-width: 899px)").matches) scrollTo(0, 0);
    }
  }

  #about(site) {
    const facts = [
      ["Slug", element("code", {}, site.slug)],
      site.mirror_of ? ["Mirror of", element("a", { href: `#/${site.mirror_of}/live`, "data-key": "original" }, site.mirror_of)] : null,
      ["Organisation", site.organisation],
      ["Plan", site.plan_group],
      ["Region", site.region],
      site.repository ? ["Repository", element("code", {}, site.repository)] : null,
      ["Made", time(site.created_at)],
    ];
    return element("dl", { class: "facts" }, facts.filter(Boolean).map(([term, fact]) => element("div", {}, element("dt", {}, term), element("dd", {}, fact))));
  }

  #environment(site, shown, done) {
    const branch = site.mirror_of
      ? element("span", {}, "Branch ", element("code", {}, shown.branch), ` of ${site.mirror_of} Live`)
      : element(
          "span",
          {},
          "Branch ",
          element("code", {}, shown.branch),
          " ",
          button("Change", "branch", () => actions.changeBranch(site, shown, done), { class: "small", "aria-label": "Change the branch" }),
        );
    const visit = shown.url ? element("a", { href: shown.url, target: "_blank", rel: "noopener", "data-key": "visit" }, "Open site") : null;
    return element(
      "div",
      { class: "card" },
      this.status.element,
      element(
        "div",
        { class: "line" },
        button("Deploy", "deploy", () => actions.deploy(site, shown, done), { class: "primary", "aria-label": `Deploy ${title(shown.slug)}` }),
        branch,
        visit,
      ),
    );
  }

  #variables(shown, done) {
    return things(
      shown.variables,
      (variable) => [
        element("code", { class: "key" }, variable.name),
        variable.value === null ? element("span", { class: "value quiet" }, "••••••") : element("code", { class: "value" }, variable.value || "(empty)"),
        variable.is_sensitive ? tag("sensitive") : null,
        variable.is_deployed ? null : tag("not deployed yet", "attention"),
      ],
      (variable) => [
        button("Edit", `edit-${variable.uuid}`, () => actions.editVariable(variable, done), { class: "small", "aria-label": `Edit ${variable.name}` }),
        button("Remove", `remove-${variable.uuid}`, () => actions.removeVariable(variable, done), { class: "small", "aria-label": `Remove ${variable.name}` }),
      ],
    );
  }

  #services(shown) {
    const what = (instance) => [
      element("code", { class: "key" }, `${instance.prefix}_${instance.type}`),
      element("span", {}, instance.service),
      tag(instance.service_status, instance.service_status === "new" ? "attention" : ""),
    ];
    return things(shown.service_instances, what, null, this.data.mirror_of ? "None of its own." : "None.");
  }

  #domains(site, done) {
    return things(
      site.domains,
      (domain) => [element("span", { class: "key" }, domain.domain), domain.is_primary ? tag("primary") : null, domain.is_redirect ? tag("redirect") : null],
      (domain) => button("Remove", `domain-${domain.uuid}`, () => actions.removeDomain(domain, done), { class: "small", "aria-label": `Remove ${domain.domain}` }),
    );
  }
}
