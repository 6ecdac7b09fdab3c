// Elements of the page. Text only ever becomes text: names, logs and values are other people's.

/** Makes an element: `element("a", {href, class, onclick}, "text", child, …)`. Null and false are left out. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** For those who listen instead of looking. */
export const unseen = (text) => element("span", { class: "unseen" }, text);

/** A button. `key` finds it again when what is around it was made anew. */
export const button = (text, key, onclick, attributes = {}) =>
  element("button", { type: "button", "data-key": key, onclick, ...attributes }, text);

/** Changes text only where it differs, so that nothing is announced or repainted for nothing. */
export function say(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Puts new content in place of the old and leaves the keyboard where it was. */
export function renew(target, ...children) {
  const key = target.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  target.replaceChildren(...children.flat().filter(Boolean));
  if (key) target.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/** "12 s", "3 min", "2 h", "5 d": how long ago that was. */
export function since(stamp) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(stamp)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

/** A moment as a person reads it, with the exact one behind it. */
export function time(stamp) {
  const text = new Date(stamp).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
  return element("time", { datetime: stamp, title: stamp }, text);
}
