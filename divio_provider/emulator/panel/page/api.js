// The calls behind the page: what it reads, and what it changes.

/** The local Divio refused; `fields` is its own answer: field name -> sentences. */
export class Refused extends Error {
  constructor(fields) {
    super(Object.values(fields).flat().join(" "));
    this.fields = fields;
  }
}

const tags = new Map();

/** Reads; undefined when nothing has changed since this path was last read and `again` is not set. */
export async function read(path, { again = false } = {}) {
  const answer = await fetch(`/_panel/${path}`, { cache: "no-cache" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const tag = answer.headers.get("ETag");
  const body = await answer.json();
  if (!again && tag === tags.get(path)) return undefined;
  tags.set(path, tag);
  return body;
}

/** Forgets what was read, so that the next reading gives it again. */
export const forget = (path) => tags.delete(path);

/** Makes a call on the API, as a person's click does in the Control Panel. */
export async function call(method, path, body) {
  const answer = await fetch(`/_panel/do/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const { status, refused } = await answer.json();
  if (status >= 400) throw new Refused(Array.isArray(refused) ? { detail: refused } : refused);
}
