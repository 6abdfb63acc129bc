/**
 * `npm run l10n`: writes l10n/bundle.l10n.json, every text of extension/ that a translator translates (the English text is the key: VS Code's vscode.l10n).
 * A translation lies beside it: bundle.l10n.de.json, and package.nls.de.json beside package.nls.json. With `--check` nothing is written. Either way what is wrong is told.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const bundle = 'l10n/bundle.l10n.json';
/** Which arguments of a call are texts: `t(text, ...)`, `plural(n, one, many)`. */
const texts = { t: [0], plural: [1, 2] };
/** Where those two are made: there a text may be one that was given, from a call that is seen here. */
const own = ['extension/l10n.ts', 'extension/words.ts'];
/** What an editor shows, by the name under which it is told. */
const shown = /^(title|label|detail|description|placeHolder|placeholder|prompt|message|tooltip|openLabel|invocationMessage)$/;
const show = /^show(Information|Warning|Error)Message$/;

const read = (root, file) => JSON.parse(readFileSync(path.join(root, file), 'utf8'));
const sources = (root, folder) => readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? sources(root, `${folder}/${e.name}`) : /(?<!\.test)\.ts$/.test(e.name) ? [`${folder}/${e.name}`] : []));
/** Words of a text as it is written, without `${...}`, icons and the product's name; none: nothing to translate. */
const words = (node) => {
  const parts = ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map((s) => s.literal.text)] : ts.isStringLiteralLike(node) ? [node.text] : [];
  return /[a-z]{3}/i.test(parts.join(' ').replace(/\$\([\w~-]+\)/g, '').replace(/\bUnderstudy\b/g, ''));
};

/** @returns the texts of all files, sorted, and what is wrong with how they are written */
function ofCode(root) {
  const keys = new Set(), wrong = [];
  for (const name of sources(root, 'extension')) {
    const file = ts.createSourceFile(name, readFileSync(path.join(root, name), 'utf8'), ts.ScriptTarget.Latest, true);
    const where = (node) => `${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    const visit = (node) => {
      if (ts.isCallExpression(node)) {
        const callee = ts.isIdentifier(node.expression) ? node.expression.text : ts.isPropertyAccessExpression(node.expression) ? node.expression.name.text : '';
        if (ts.isIdentifier(node.expression) && Object.hasOwn(texts, callee)) {
          const given = texts[callee].map((i) => node.arguments[i]).filter((text) => text !== undefined);
          for (const text of given) if (text && ts.isStringLiteralLike(text)) keys.add(text.text); else if (!own.includes(name)) wrong.push(`${where(node)}: ${callee}() needs its text in quotes`);
          const places = new Set(given.flatMap((text) => [...(text?.text ?? '').matchAll(/\{(\d+)\}/g)].map((m) => Number(m[1]))));
          const args = callee === 't' ? node.arguments.length - 1 : 1;
          if (given.every(ts.isStringLiteralLike) && (places.size !== args || [...places].some((p) => p >= args))) wrong.push(`${where(node)}: ${args} arguments for ${places.size} places`);
        } else if (show.test(callee) && node.arguments[0] && words(node.arguments[0])) wrong.push(`${where(node)}: a message that no translator sees`);
      }
      const value = ts.isPropertyAssignment(node) && shown.test(node.name.getText()) ? node.initializer
        : ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isPropertyAccessExpression(node.left) && shown.test(node.left.name.text) ? node.right : undefined;
      if (value) for (const part of ts.isConditionalExpression(value) ? [value.whenTrue, value.whenFalse] : [value]) if (words(part)) wrong.push(`${where(part)}: ${part.getText().slice(0, 60)} is seen by no translator`);
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return { keys: [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), wrong };
}

/** package.json's `%key%`s against package.nls.json, and texts of it that are no key. */
function ofManifest(root) {
  const manifest = read(root, 'package.json'), nls = read(root, 'package.nls.json'), used = new Set(), wrong = [];
  const named = /^(title|category|name|contextualTitle|contents|altText|label|displayName|userDescription|description|markdownDescription|patternErrorMessage|\d+)$/;
  const visit = (value, way) => {
    if (typeof value === 'string') {
      const key = /^%(.+)%$/.exec(value)?.[1], last = way.at(-1), list = way.at(-2);
      if (key) used.add(key);
      // Tools are described to a model in English, and their names are ids; so is a language's.
      else if (named.test(last) && (!/^\d+$/.test(last) || /Descriptions$/.test(list)) && !way.includes('inputSchema') && !(way.includes('languageModelTools') && last === 'name')) wrong.push(`package.json ${way.join('.')} is no %key%`);
    } else if (value && typeof value === 'object') for (const [k, v] of Object.entries(value)) visit(v, [...way, k]);
  };
  for (const part of ['description', 'capabilities', 'contributes']) visit(manifest[part], [part]);
  for (const key of used) if (typeof nls[key] !== 'string') wrong.push(`package.nls.json lacks ${key}`);
  for (const key of Object.keys(nls)) if (!used.has(key)) wrong.push(`package.nls.json has ${key}, which package.json does not use`);
  return wrong;
}

/** What is wrong with the texts of the project in `root`, in words; empty where nothing is. */
export function faults(root) {
  const { keys, wrong } = ofCode(root), kept = existsSync(path.join(root, bundle)) ? read(root, bundle) : {};
  wrong.push(...ofManifest(root));
  for (const key of keys) if (kept[key] !== key) wrong.push(`the bundle lacks "${key}": npm run l10n`);
  for (const key of Object.keys(kept)) if (!keys.includes(key)) wrong.push(`the bundle has "${key}", which the code does not use: npm run l10n`);
  return wrong;
}

if (path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
  if (!process.argv.includes('--check')) {
    const { keys } = ofCode(root);
    mkdirSync(path.join(root, path.dirname(bundle)), { recursive: true });
    writeFileSync(path.join(root, bundle), `${JSON.stringify(Object.fromEntries(keys.map((k) => [k, k])), null, 2)}\n`);
    console.log(`${keys.length} texts`);
  }
  const wrong = faults(root);
  for (const one of wrong) console.error(one);
  process.exitCode = wrong.length ? 1 : 0;
}
