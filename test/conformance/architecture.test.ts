import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * The walls of the house. Rows from top to bottom; a row imports only rows below it and its own; within a row two folders
 * must not need each other. Only extension/ knows the editor. Files stay small.
 */
const root = resolve(__dirname, '../..');
const rows: string[][] = [
  ['main', 'cli'], ['language', 'insight'], ['jobs', 'report'], ['plan'], ['targets'], ['inference'], ['generators'],
  ['evaluation'], ['privacy'], ['learners'], ['table', 'engine'], ['random'],
];
/** Imported by all, importing nothing of ours. */
const contracts = ['server/protocol.ts', 'server/errors.ts'];
const isContract = (path: string): boolean => contracts.includes(path) || path.startsWith('server/protocol/');
const mostLines = 400;

interface Import { from: string; to: string; typeOnly: boolean; line: number }

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name.startsWith('.') ? [] : sources(path);
    return /\.(ts|tsx|mts)$/.test(entry.name) ? [path] : [];
  });
}

/** Every module a file names: import, export from, import(), require(), import types, vi.mock. */
export function importsOf(path: string, text: string): Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Node, to: ts.Expression | undefined, typeOnly: boolean) => {
    if (to && ts.isStringLiteralLike(to)) found.push({ from: path, to: to.text, typeOnly, line: file.getLineAndCharacterOfPosition(node.getStart()).line + 1 });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const named = clause?.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : undefined;
      add(node, node.moduleSpecifier, !!clause?.isTypeOnly || (!!named && !clause?.name && named.length > 0 && named.every((e) => e.isTypeOnly)));
    } else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal as ts.Expression, true);
    else if (ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(node.expression) && node.expression.text === 'require'))) add(node, node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** The folder under server/ a file is in: `server/jobs/store.ts` -> `jobs`, `server/cli.ts` and `server/cli/bar.ts` -> `cli`. */
function area(path: string): string | undefined {
  const match = /^server\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(path);
  return match?.[1];
}
const rowOf = (name: string): number => rows.findIndex((row) => row.includes(name));
const isTest = (path: string): boolean => /\.test\.ts$/.test(path) || path.startsWith('test/');

const all = ['server', 'extension', 'webview', 'bench', 'test'].filter((f) => statSync(join(root, f), { throwIfNoEntry: false })).flatMap(sources);
const imports = all.flatMap((path) => importsOf(path, readFileSync(join(root, path), 'utf8')));
const inside = (i: Import): string | undefined => (i.to.startsWith('.') ? relative(root, resolve(root, dirname(i.from), i.to)).split(sep).join('/') : undefined);
const say = (i: Import): string => `${i.from}:${i.line} imports ${i.to}`;

test('the scan sees the house', () => {
  expect(all.length).toBeGreaterThan(30);
  expect(imports.length).toBeGreaterThan(100);
  expect(importsOf('x.ts', `import type { A } from './a'; import { type B } from './b'; export * from './c'; const d = await import('./d'); let e: import('./e').E;`).map((i) => [i.to, i.typeOnly]))
    .toEqual([['./a', true], ['./b', true], ['./c', false], ['./d', false], ['./e', true]]);
});

test('every folder of server/ has its row', () => {
  const unknown = new Set(all.filter((p) => p.startsWith('server/') && !isContract(p)).map((p) => area(p)!).filter((a) => rowOf(a) < 0));
  expect([...unknown]).toEqual([]);
});

test('a row imports only rows below it', () => {
  const wrong = imports.filter((i) => {
    const to = inside(i);
    const [from, target] = [area(i.from), to === undefined ? undefined : area(to)];
    if (!from || !target || isContract(`${to}.ts`) || isContract(i.from) || isTest(i.from)) return false;
    return rowOf(target) < rowOf(from);
  });
  expect(wrong.map(say)).toEqual([]);
});

test('folders of one row do not need each other both ways', () => {
  const pairs = new Set(imports.filter((i) => !isTest(i.from) && !i.typeOnly).map((i) => {
    const to = inside(i);
    return [area(i.from), to === undefined ? undefined : area(to)].join('>');
  }));
  const cycles = rows.flatMap((row) => row.flatMap((a) => row.filter((b) => a < b && pairs.has(`${a}>${b}`) && pairs.has(`${b}>${a}`)).map((b) => `${a} <> ${b}`)));
  expect(cycles).toEqual([]);
});

test('the contracts import no code of ours', () => {
  expect(imports.filter((i) => isContract(i.from) && !i.typeOnly).map(say)).toEqual([]);
});

test('only extension/ knows the editor', () => {
  expect(imports.filter((i) => i.to === 'vscode' && !i.from.startsWith('extension/') && !i.from.startsWith('test/vscode/')).map(say)).toEqual([]);
});

test('the server imports neither the webview nor the extension; those reach the server only through its contracts and report format', () => {
  const wrong = imports.filter((i) => {
    const to = inside(i);
    if (!to || isTest(i.from)) return false;
    if (i.from.startsWith('server/')) return to.startsWith('extension/') || (to.startsWith('webview/') && area(i.from) !== 'report');
    if (i.from.startsWith('extension/')) return to.startsWith('webview/') || (to.startsWith('server/') && !isContract(`${to}.ts`) && !i.typeOnly);
    if (i.from.startsWith('webview/')) return to.startsWith('extension/') || (to.startsWith('server/') && !isContract(`${to}.ts`) && !i.typeOnly);
    return false;
  });
  expect(wrong.map(say)).toEqual([]);
});

test(`no file is longer than ${mostLines} lines`, () => {
  // What a tool writes from a grammar is nobody's to cut.
  const long = all.filter((path) => !path.includes('/generated/')).map((path) => [path, readFileSync(join(root, path), 'utf8').split('\n').length] as const).filter(([, n]) => n > mostLines + 1);
  expect(long).toEqual([]);
});

test('a cycle of files is a file that should be two', () => {
  const graph = new Map<string, string[]>();
  for (const i of imports) {
    const to = inside(i);
    if (to === undefined || i.typeOnly || isTest(i.from)) continue;
    const file = [`${to}.ts`, `${to}/index.ts`, to].find((p) => all.includes(p));
    if (file) graph.set(i.from, [...(graph.get(i.from) ?? []), file]);
  }
  const state = new Map<string, 'open' | 'done'>();
  const cycles: string[] = [];
  const walk = (path: string, trail: string[]): void => {
    if (state.get(path) === 'done') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(' > '));
      return;
    }
    state.set(path, 'open');
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
    state.set(path, 'done');
  };
  for (const path of graph.keys()) walk(path, []);
  expect(cycles).toEqual([]);
});
