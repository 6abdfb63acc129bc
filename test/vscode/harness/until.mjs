/** Waiting for a state of the window: nothing that a user would see a moment later is read once and judged. */
import assert from 'node:assert/strict';

export const pause = (ms) => new Promise((r) => setTimeout(r, ms));

/**
 * Poll until `look` gives something; on a busy machine everything comes late, so the most is generous.
 * A look that fails (what it looked at is just drawn anew) is a look in vain; the last error is told at the end.
 * @param {string} what for the error
 * @param {() => any} look
 * @param {number} ms the most
 * @param {() => any} [seen] what there was instead, for the error
 */
export async function until(what, look, ms = 90_000, seen) {
  let error;
  for (const end = Date.now() + ms; ; await pause(150)) {
    error = undefined;
    const found = await Promise.resolve().then(look).catch((e) => { error = e; });
    if (found) return found;
    if (Date.now() > end) break;
  }
  const instead = seen && await Promise.resolve().then(seen).catch(() => undefined);
  assert.fail(`waited ${ms / 1000} s in vain for ${what}${instead === undefined ? '' : `; there was: ${typeof instead === 'string' ? instead : JSON.stringify(instead)}`}${error ? `; ${String(error.message ?? error).split('\n')[0]}` : ''}`);
}

/** Whether something holds within a time. */
export const soon = (look, ms = 3000) => until('', look, ms).then(() => true, () => false);

/** The text that `read` gives, once it matches. */
export async function says(what, read, pattern, ms = 90_000) {
  let text = '';
  return until(`${what} to match ${pattern}`, async () => { text = await read(); return pattern.test(text) && text; }, ms, () => text);
}
