// All sites: organisations, in each its applications, under each original its mirrors.

import { element, say } from "./elements.js";
import { siteId, standing, Status, title } from "./status.js";

const MANY = 30;

class Row {
  constructor(application) {
    this.name = element("a", { class: "name", href: `#/${application.slug}/live` });
    this.slug = element("span", { class: "slug" }, application.slug);
    this.elsewhere = element("span", { class: "tag" });
    this.id = element("span", { class: "id" });
    this.cells = new Map();
    this.environments = element("div", { class: "cells" });
    this.element = element(
      "div",
      { class: "row", "data-slug": application.slug },
      element("div", { class: "who" }, this.name, this.slug, this.elsewhere),
      this.id,
      this.environments,
    );
  }

  #cell(application, environment) {
    let cell = this.cells.get(environment.uuid);
    if (!cell) {
      const name = title(environment.slug);
      const status = new Status(name, `${application.slug} ${name}`);
      cell = { status, link: element("a", { class: "cell", href: `#/${application.slug}/${environment.slug}` }, status.element) };
      this.cells.set(environment.uuid, cell);
    }
    cell.status.follow(environment);
    return cell.link;
  }

  follow(application, organisation) {
    say(this.name, application.name);
    say(this.elsewhere, organisation ?? "");
    say(this.id, siteId(application));
    this.id.classList.toggle("attention", !/^SITE_ID \d+$/.test(this.id.textContent));
    arrange(this.environments, application.environments.map((environment) => this.#cell(application, environment)));
  }
}

class Family {
  constructor() {
    this.counts = element("span");
    this.mirrors = element("ul", { class: "mirrors" });
    this.fold = element("details", {}, element("summary", {}, this.counts), this.mirrors);
    this.head = element("div", { class: "original" });
    this.element = element("article", { class: "family" }, this.head, this.fold);
    this.items = new Map();
  }
}

/** "12 mirrors · 3 deploying · 1 failed". */
function counted(mirrors) {
  const count = (state) =>
    mirrors.filter((mirror) => mirror.environments.some((environment) => standing(environment) === state)).length;
  const parts = [`${mirrors.length} ${mirrors.length === 1 ? "mirror" : "mirrors"}`];
  for (const [state, word] of [["running", "deploying"], ["failure", "failed"], ["behind", "behind"], ["never", "not deployed everywhere"]]) {
    if (count(state)) parts.push(`${count(state)} ${word}`);
  }
  return parts.join(" · ");
}

function matches(application, words, show) {
  const text = [application.name, application.slug, ...application.domains, siteId(application)].join(" ").toLowerCase();
  const shown = show === "all" || application.environments.some((environment) => standing(environment) === show);
  return shown && words.every((word) => text.includes(word));
}

const number = (application) => Number(application.environments.at(-1)?.site_id ?? Infinity);

/** As they were declared, which is how SITE_IDs count; those without one come last, as they were made. */
const bySiteId = (one, other) => (number(one) === number(other) ? 0 : number(one) - number(other));

/** Makes `target` hold exactly `children`, moving none that stands right already: the keyboard and open folds stay. */
function arrange(target, children) {
  children.forEach((child, index) => {
    if (target.children[index] !== child) target.insertBefore(child, target.children[index] ?? null);
  });
  while (target.children.length > children.length) target.lastElementChild.remove();
}

export class List {
  constructor(target) {
    this.target = target;
    this.rows = new Map();
    this.families = new Map();
    this.sections = new Map();
    this.nothing = element("p", { class: "quiet" });
  }

  #row(application) {
    const there = this.rows.get(application.uuid);
    if (there) return there;
    const row = new Row(application);
    this.rows.set(application.uuid, row);
    return row;
  }

  #family(original, mirrors, filtered) {
    let family = this.families.get(original.uuid);
    if (!family) {
      family = new Family();
      this.families.set(original.uuid, family);
      family.fold.open = mirrors.length <= MANY;
    }
    if (filtered) family.fold.open = true;
    return family;
  }

  #section(organisation) {
    let section = this.sections.get(organisation.uuid);
    if (!section) {
      const id = `organisation-${organisation.uuid}`;
      const families = element("div");
      section = { families, element: element("section", { "aria-labelledby": id }, element("h2", { id }, organisation.name), families) };
      this.sections.set(organisation.uuid, section);
    }
    return section;
  }

  /** Shows the estate; `words` and `show` narrow it, `chosen` is the slug of the site that is open. */
  follow(estate, { words, show, chosen }) {
    const filtered = words.length > 0 || show !== "all";
    const names = new Map(estate.organisations.map((organisation) => [organisation.uuid, organisation.name]));
    const mirrorsOf = new Map();
    for (const application of [...estate.applications].sort(bySiteId)) {
      mirrorsOf.set(application.mirror_of, [...(mirrorsOf.get(application.mirror_of) ?? []), application]);
    }
    let count = 0;
    const sections = [];
    for (const organisation of estate.organisations) {
      const families = [];
      for (const original of mirrorsOf.get(null) ?? []) {
        if (original.organisation !== organisation.uuid) continue;
        const mirrors = mirrorsOf.get(original.slug) ?? [];
        const shown = mirrors.filter((mirror) => matches(mirror, words, show));
        const self = matches(original, words, show);
        if (!self && !shown.length) continue;
        count += shown.length + (self ? 1 : 0);
        const family = this.#family(original, mirrors, filtered);
        const row = this.#row(original);
        row.follow(original);
        arrange(family.head, [row.element]);
        say(family.counts, counted(mirrors));
        family.fold.hidden = !mirrors.length;
        arrange(family.mirrors, shown.map((mirror) => {
          const its = this.#row(mirror);
          its.follow(mirror, mirror.organisation === original.organisation ? null : names.get(mirror.organisation));
          if (!its.item) its.item = element("li", {}, its.element);
          return its.item;
        }));
        families.push(family.element);
      }
      const section = this.#section(organisation);
      if (!families.length && filtered) continue;
      arrange(section.families, families.length ? families : [element("p", { class: "quiet" }, "No application yet. What is made through the API appears here.")]);
      sections.push(section.element);
    }
    say(this.nothing, "No site matches.");
    arrange(this.target, filtered && !count ? [this.nothing] : sections);
    for (const row of this.rows.values()) {
      const here = row.element.dataset.slug === chosen;
      row.element.classList.toggle("chosen", here);
      if (here) row.name.setAttribute("aria-current", "true");
      else row.name.removeAttribute("aria-current");
    }
  }
}
