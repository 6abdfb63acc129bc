/** What is in a VSIX (a zip file), and whether it is what one platform needs and nothing else. */
import { readFileSync } from 'node:fs';
import { duckdbFolder, onnxFolder } from './natives.mjs';

/** Names and unpacked sizes, from the central directory (PKWARE APPNOTE 4.3.12). */
export function entries(file) {
  const zip = readFileSync(file);
  let end = zip.length - 22;
  while (end >= 0 && zip.readUInt32LE(end) !== 0x06054b50) end--;
  if (end < 0) throw new Error(`${file} is no zip file`);
  const found = [];
  for (let at = zip.readUInt32LE(end + 16), n = zip.readUInt16LE(end + 10); n > 0; n--) {
    const name = zip.readUInt16LE(at + 28);
    found.push({ name: zip.toString('utf8', at + 46, at + 46 + name), bytes: zip.readUInt32LE(at + 24) });
    at += 46 + name + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return found;
}

/**
 * The README as the editor shows it on the extension's page: there pictures and files of the package cannot be reached (and there is no repository to point to),
 * and nobody who reads it builds anything. What is left has no relative link, or vsce refuses it.
 */
export const pageOf = (readme) => readme.replace(/^!\[[^\]]*\]\((?!\w+:)[^)]*\)\n+/gm, '').replace(/^On a fresh machine[\s\S]*?```\n[\s\S]*?```\n+/m, '').replace(/\[([^\]]+)\]\((?!\w+:|#)[^)]*\)/g, '$1');

const needed = [
  'package.json', 'package.nls.json', 'l10n/bundle.l10n.json', 'readme.md', 'changelog.md', 'LICENSE.txt', 'media/icon.png', 'dist/extension.js', 'dist/cli.js', 'dist/server/main.js', 'dist/server/worker.js', 'dist/webview/report.js',
  'node_modules/onnxruntime-node/package.json', 'node_modules/onnxruntime-common/package.json', 'node_modules/@duckdb/node-api/package.json', 'node_modules/@duckdb/node-bindings/package.json',
];
const native = /\.(node|so(\.[\d.]+)?|dll|dylib)$/;

/** What is wrong with a package for a target, in words; empty where nothing is. */
export function faults(file, target) {
  const all = entries(file).filter((e) => e.name.startsWith('extension/')).map((e) => ({ name: e.name.slice('extension/'.length), bytes: e.bytes }));
  const names = all.map((e) => e.name), lower = new Set(names.map((n) => n.toLowerCase()));
  const own = [onnxFolder(target), duckdbFolder(target)], out = needed.filter((n) => !lower.has(n.toLowerCase())).map((n) => `${n} is missing`);
  // A bundle that another build was just writing is empty, and packed all the same.
  for (const e of all) if (e.bytes < 10_000 && /^dist\/.*\.js$/.test(e.name)) out.push(`${e.name} has ${e.bytes} bytes only`);
  for (const folder of own) if (!names.some((n) => n.startsWith(`${folder}/`) && n.endsWith('.node'))) out.push(`no binding of ${folder}`);
  for (const n of names) {
    if (native.test(n) && !own.some((folder) => n.startsWith(`${folder}/`))) out.push(`${n} is of another platform`);
    if (/\.(ts|map|tsbuildinfo)$|(^|\/)\.|\.test\./.test(n)) out.push(`${n} has no business in it`);
  }
  return out;
}
