// The one dialog: a few fields and a button. What Divio refuses is said beside the field, in Divio's words.

import { Refused } from "./api.js";
import { button, element } from "./elements.js";

const dialog = document.getElementById("dialog");

function control(field) {
  const id = `field-${field.name}`;
  const common = { id, name: field.name, "aria-describedby": `${id}-hint ${id}-error` };
  let input;
  if (field.type === "select") {
    input = element("select", common, field.options.map(([value, text]) => element("option", { value, selected: value === field.value }, text)));
  } else if (field.type === "checkbox") {
    input = element("input", { ...common, type: "checkbox", checked: Boolean(field.value) });
  } else if (field.type === "textarea") {
    input = element("textarea", { ...common, rows: "3", spellcheck: "false" }, field.value ?? "");
  } else {
    input = element("input", { ...common, type: "text", value: field.value ?? "", autocomplete: "off", autocapitalize: "off", spellcheck: "false" });
  }
  const error = element("p", { class: "error", id: `${id}-error` });
  const hint = element("p", { class: "hint", id: `${id}-hint` }, field.hint ?? "");
  const label = element("label", { for: id }, field.label);
  const around = field.type === "checkbox" ? element("div", { class: "check" }, input, label) : element("div", {}, label, input);
  return { field, input, error, element: element("div", { class: "field" }, around, hint, error) };
}

/**
 * Asks, and closes once `send(values)` has succeeded; its Refused is shown and can be corrected.
 * A field: {name, label, type?: text|textarea|select|checkbox, value?, hint?, options?: [[value, text]]}.
 */
export function ask({ title, text, fields = [], submit, danger = false, send }) {
  const controls = fields.map(control);
  const general = element("p", { class: "error", role: "alert" });
  const go = element("button", { type: "submit", class: danger ? "danger" : "primary" }, submit);
  const form = element(
    "form",
    { novalidate: true },
    element("h2", { id: "dialog-title" }, title),
    text ? element("p", {}, text) : null,
    controls.map((one) => one.element),
    general,
    element("div", { class: "buttons" }, button("Cancel", "cancel", () => dialog.close()), go),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    go.disabled = true;
    general.textContent = "";
    for (const { input, error } of controls) {
      error.textContent = "";
      input.removeAttribute("aria-invalid");
    }
    const values = Object.fromEntries(
      controls.map(({ field, input }) => [field.name, field.type === "checkbox" ? input.checked : input.value]),
    );
    try {
      await send(values);
      dialog.close();
    } catch (refused) {
      show(refused, controls, general);
    } finally {
      go.disabled = false;
    }
  });
  const key = document.activeElement?.dataset.key;
  dialog.replaceChildren(form);
  dialog.showModal();
  dialog.addEventListener("close", () => goBack(key), { once: true });
  (controls[0]?.input ?? go).focus();
}

/** The browser goes back to the very button that was pressed; where that was made anew or removed, we do. */
function goBack(key) {
  if (document.activeElement !== document.body && !dialog.contains(document.activeElement)) return;
  const button = key && document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  (button || document.getElementById("site-title"))?.focus({ preventScroll: true });
}

function show(refused, controls, general) {
  if (!(refused instanceof Refused)) {
    general.textContent = "The local Divio does not answer.";
    return;
  }
  let first;
  const rest = [];
  for (const [name, sentences] of Object.entries(refused.fields)) {
    const place = controls.find(({ field }) => field.name === name);
    const words = [sentences].flat().join(" ");
    if (!place) {
      rest.push(["detail", "non_field_errors"].includes(name) ? words : `${name}: ${words}`);
      continue;
    }
    place.error.textContent = words;
    place.input.setAttribute("aria-invalid", "true");
    first ??= place.input;
  }
  general.textContent = rest.join(" ");
  first?.focus();
}
