// What a person can do in the Control Panel, each as a question and one call.

import { call } from "./api.js";
import { ask } from "./forms.js";
import { title } from "./status.js";

const api = (noun, uuid) => `apps/v3/${noun}/${uuid ? `${uuid}/` : ""}`;

const slugged = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** Makes one call with a form's values, and `more` that the form does not ask for. */
const sending = (method, path, done, more = {}) => async (values) => {
  await call(method, path, { ...values, ...more });
  await done();
};

/** Duplicate → Mirror. Leads to the new site. */
export function makeMirror(site, plans, done) {
  ask({
    title: `Duplicate ${site.slug} → Mirror`,
    text: "A mirror runs the image of this application's Live environment. It starts without variables and services.",
    fields: [
      { name: "name", label: "Name" },
      { name: "slug", label: "Slug", hint: "Empty: made from the name." },
      { name: "plan_group", label: "Plan", type: "select", value: site.plan_group, options: plans.map((plan) => [plan, plan]) },
    ],
    submit: "Create mirror",
    send: async (values) => {
      const slug = values.slug || slugged(values.name);
      await call("POST", "_emulator/mirrors", { ...values, slug, original: site.slug });
      await done(slug);
    },
  });
}

export function deleteApplication(site, done) {
  ask({
    title: `Delete ${site.slug}?`,
    text: "Its environments, variables, domains, services and deployments go with it. This cannot be undone.",
    submit: "Delete application",
    danger: true,
    send: sending("DELETE", api("applications", site.uuid), done),
  });
}

export function deploy(site, environment, done) {
  ask({
    title: `Deploy ${site.slug} ${title(environment.slug)}`,
    fields: [
      {
        name: "build_mode",
        label: "Build mode",
        type: "select",
        value: "AUTO",
        hint: site.mirror_of ? `Any mode runs the image of ${site.mirror_of}'s Live environment.` : "",
        options: [
          ["AUTO", "AUTO: build where needed"],
          ["ADOPT", "ADOPT: the image it runs now"],
          ["FORCE", "FORCE: build anew"],
        ],
      },
    ],
    submit: "Deploy",
    send: sending("POST", api("deployments"), done, { environment: environment.uuid }),
  });
}

export function changeBranch(site, environment, done) {
  ask({
    title: `Branch of ${site.slug} ${title(environment.slug)}`,
    fields: [{ name: "branch", label: "Branch", value: environment.branch, hint: "The next deployment builds it." }],
    submit: "Save branch",
    send: sending("PATCH", api("environments", environment.uuid), done),
  });
}

export function addVariable(site, environment, done) {
  ask({
    title: `Add a variable to ${site.slug} ${title(environment.slug)}`,
    text: "It reaches the site with its next deployment.",
    fields: [
      { name: "name", label: "Name" },
      { name: "value", label: "Value", type: "textarea" },
      { name: "is_sensitive", label: "Sensitive", type: "checkbox", hint: "Its value is never shown again." },
    ],
    submit: "Add variable",
    send: sending("POST", api("environment-variables"), done, { environment: environment.uuid }),
  });
}

export function editVariable(variable, done) {
  const hint = variable.is_masked ? "The present value is not shown. Empty: keep it." : "";
  ask({
    title: `Edit ${variable.name}`,
    text: "It reaches the site with its next deployment.",
    fields: [
      { name: "value", label: "Value", type: "textarea", value: variable.is_masked ? "" : variable.value, hint },
      { name: "is_sensitive", label: "Sensitive", type: "checkbox", value: variable.is_sensitive },
    ],
    submit: "Save variable",
    send: async (values) => {
      const kept = variable.is_masked && values.value === "";
      const body = kept ? { is_sensitive: values.is_sensitive } : values;
      await call("PATCH", api("environment-variables", variable.uuid), body);
      await done();
    },
  });
}

function remove(noun, nouns, name, uuid, done) {
  ask({
    title: `Remove ${name}?`,
    text: "The site keeps it until its next deployment.",
    submit: `Remove ${noun}`,
    danger: true,
    send: sending("DELETE", api(nouns, uuid), done),
  });
}

export const removeVariable = (variable, done) => remove("variable", "environment-variables", variable.name, variable.uuid, done);

export const removeDomain = (domain, done) => remove("domain", "domains", domain.domain, domain.uuid, done);

export function attachDomain(site, done) {
  ask({
    title: `Attach a domain to ${site.slug}`,
    text: "Its Live environment learns of it with its next deployment.",
    fields: [
      { name: "domain", label: "Domain", hint: "Such as www.example.com" },
      { name: "is_primary", label: "Primary", type: "checkbox", value: !site.domains.length },
      { name: "is_redirect", label: "Redirects to the primary domain", type: "checkbox" },
    ],
    submit: "Attach domain",
    send: sending("POST", api("domains"), done, { application: site.uuid }),
  });
}
