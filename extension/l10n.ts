/** The words of this client in the user's language: the English text is the key (l10n/bundle.l10n.json lists them all, `npm run l10n` writes it). No `vscode` here: without the editor it is English. */

/** @param message English, with `{0}`, `{1}`, ... where the arguments go */
export type Translate = (message: string, ...args: Array<string | number>) => string;

/** Whatever an argument holds is left as it is: braces in a file's name are no places. */
const english: Translate = (message, ...args) => message.replace(/\{(\d+)\}/g, (place, i: string) => String(args[Number(i)] ?? place));
let translate = english;

/** The words for an English message. It stands at the call, in quotes: scripts/l10n.mjs reads it from there. */
export const t: Translate = (message, ...args) => translate(message, ...args);

/** From now on words are asked of this; called once, before anything else of the client is loaded (translate.ts). */
export function translateBy(by: Translate): void { translate = by; }
