// The control panel: asks how things stand, shows it, and asks again.

import { read } from "./api.js";
import { say } from "./elements.js";
import { List } from "./list.js";
import { Site } from "./site.js";
import { standing, title } from "./status.js";

const BUSY = 400; // milliseconds between two looks while something is deployed
const CALM = 1000;
const FEW = 3; // more changes at once are counted instead of named

const byId = (id) => document.getElementById(id);
const filter = byId("filter");
const show = byId("show");
const list = new List(byId("estate"));
const site = new Site(byId("site"), changed);

let estate = null;
let before = new Map();
let timer;
let looking = null;

/** `#/acme-shop/live` -> acme-shop, live. */
function route() {
  const [, slug, environment] = location.hash.match(/^#\/([^/]+)(?:\/([^/]+))?$/) ?? [];
  return { slug: slug ? decodeURIComponent(slug) : null, environment };
}

function draw() {
  if (!estate) return;
  // A number belongs to the word before it: "site_id 2" is one thing to look for.
  const words = filter.value.toLowerCase().trim().split(/\s+(?!\d)/).filter(Boolean);
  list.follow(estate, { words, show: show.value, chosen: route().slug });
}

function summarise() {
  const environments = estate.applications.flatMap((application) => application.environments);
  const running = environments.filter((environment) => environment.state === "running").length;
  const count = estate.applications.length;
  say(byId("summary"), `${count} ${count === 1 ? "site" : "sites"}${running ? ` · ${running} deploying` : ""}`);
  return running > 0;
}

/** Says what started and ended since the last look, for those who cannot see the bars. */
function announce() {
  const now = new Map();
  const news = [];
  for (const application of estate.applications) {
    for (const environment of application.environments) {
      const key = `${application.slug} ${title(environment.slug)}`;
      const seen = `${environment.deployment} ${environment.state}`;
      now.set(key, seen);
      if (before.size && environment.deployment && before.get(key) !== seen) news.push([key, standing(environment)]);
    }
  }
  before = now;
  const WORDS = { running: "deployment started", failure: "deployment failed", success: "deployed", behind: "deployed, behind" };
  if (!news.length) return;
  const named = news.map(([key, state]) => `${key}: ${WORDS[state]}.`).join(" ");
  const counted = Object.entries(WORDS)
    .map(([state, words]) => [news.filter(([, other]) => other === state).length, words])
    .filter(([count]) => count)
    .map(([count, words]) => `${count} × ${words}.`)
    .join(" ");
  say(byId("news"), news.length > FEW ? counted : named);
}

async function look() {
  let running = false;
  const trouble = byId("trouble");
  try {
    estate = (await read("overview")) ?? estate;
    const { slug, environment } = route();
    document.body.classList.toggle("opened", Boolean(slug));
    site.open(slug, environment);
    running = summarise();
    announce();
    draw();
    await site.follow(estate);
    trouble.hidden = true;
  } catch (error) {
    trouble.hidden = false;
    say(trouble, error instanceof TypeError ? "The local Divio does not answer. Trying again …" : `The local Divio answers with an error: ${error.message}. Trying again …`);
  }
  return running;
}

/** Looks now, and again later; a look that is under way is waited for, not doubled. */
async function again() {
  clearTimeout(timer);
  if (looking) return looking;
  looking = look();
  const running = await looking.finally(() => (looking = null));
  if (!document.hidden) timer = setTimeout(again, running ? BUSY : CALM);
  return undefined;
}

async function changed(hash) {
  await looking;
  if (hash && location.hash !== hash) location.hash = hash;
  await again();
}

async function moved() {
  await looking;
  await again();
  if (!route().slug) byId("estate").focus({ preventScroll: true });
}

filter.addEventListener("input", draw);
show.addEventListener("change", draw);
filter.form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", moved);
document.addEventListener("visibilitychange", () => document.hidden || again());
again();
