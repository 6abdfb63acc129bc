import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LangiumDocument } from 'langium';
import { URI } from 'langium';
import { expect } from 'vitest';
import type { CompletionItem, Diagnostic } from 'vscode-languageserver-types';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Language } from '../../server/language/language';
import { askRows } from '../../server/targets/ask';
import { profileFile } from '../../server/targets/release/read';

/** Simulated people: what the language's tests speak about. `code` follows `city`; `start` never lies after `end`. */
export function people(rows = 400, seed = 1): string {
  let state = seed * 2654435761 + 1;
  const random = () => ((state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32);
  const cities = ['Porto', 'Lyon', 'Ghent', 'Graz'], levels = ['low', 'middle', 'high'];
  const lines = ['age,hours-per-week,city,code,level,sex,income,start,end,visit,dose,pressure'];
  for (let i = 0; i < rows; i++) {
    const age = 17 + Math.floor(random() * 70), city = Math.floor(random() * 4), level = Math.floor(random() * 3), start = Math.floor(random() * 50);
    const cells = [age, 10 + Math.floor(random() * 60), cities[city], city + 10, levels[level], random() < 0.5 ? 'Female' : 'Male', random() < 0.25 + level * 0.15 ? '>50K' : '<=50K', start, start + Math.floor(random() * 20), i + 1, Math.floor(random() * 4), random() < 0.1 ? '' : (100 + random() * 50).toFixed(1)];
    lines.push(cells.join(','));
  }
  return `${lines.join('\n')}\n`;
}

/** A folder with tables and `.synth` files, and the language on it. */
export class Workbench {
  readonly folder = mkdtempSync(join(tmpdir(), 'understudy language '));
  readonly language: Language;
  private count = 0;

  /** @param rows whether questions about rows are answered, too */
  constructor(tables: Record<string, string> = { 'people.csv': people(), 'census.csv': people(200, 7) }, rows = false) {
    this.language = new Language({ inspect: (path, values) => profileFile(path, {}, values), ...(rows && { rows: askRows }) });
    for (const [name, text] of Object.entries(tables)) this.write(name, text);
  }
  write(name: string, text: string): string {
    writeFileSync(join(this.folder, name), text);
    return join(this.folder, name);
  }
  dispose(): void { rmSync(this.folder, { recursive: true, force: true }); }

  /** A file of this text, checked with all that can be known of its data. */
  async open(text: string, name = `file${++this.count}.synth`): Promise<LangiumDocument> { return this.language.open(this.write(name, text)); }
  async validate(text: string): Promise<Diagnostic[]> { return (await this.open(text)).diagnostics ?? []; }

  /** Completions where `|` stands. */
  async complete(marked: string): Promise<CompletionItem[]> {
    const at = marked.indexOf('|'), document = await this.open(marked.slice(0, at) + marked.slice(at + 1));
    const list = await this.language.synth.lsp.CompletionProvider!.getCompletion(document, { textDocument: { uri: document.uri.toString() }, position: document.textDocument.positionAt(at) });
    return list?.items ?? [];
  }
  /** The text after a completion was taken. */
  async completed(marked: string, label: string): Promise<string> {
    const items = await this.complete(marked), item = items.find((i) => i.label === label);
    expect(items.map((i) => i.label)).toContain(label);
    const at = marked.indexOf('|'), text = marked.slice(0, at) + marked.slice(at + 1);
    return TextDocument.applyEdits(TextDocument.create('x', 'synth', 1, text), [item!.textEdit as never]);
  }
}

export const position = (text: string, part: string, nth = 0): { line: number; character: number } => {
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(part, at + 1);
  return TextDocument.create('x', 'synth', 1, text).positionAt(at);
};
export const uriOf = (path: string): string => URI.file(path).toString();

/** A source that all tests' targets can start from. */
export const source = `language 1
source people = "people.csv" {
  age: integer in 17..90
  \`hours-per-week\`: integer
  city: category
  level: category ordered ("low", "middle", "high")
  sex: category sensitive
  income: category outcome positive ">50K"
}
`;

export const messages = (found: readonly Diagnostic[], severity?: 1 | 2 | 3 | 4): string[] => found.filter((d) => severity === undefined || d.severity === severity).map((d) => String(d.message));
export const expectClean = (found: readonly Diagnostic[]): void => expect(messages(found, 1)).toEqual([]);
export function expectError(found: readonly Diagnostic[], words: string | RegExp): void {
  expect(messages(found, 1).join('\n')).toMatch(words instanceof RegExp ? words : new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
export function expectWarning(found: readonly Diagnostic[], words: string | RegExp): void {
  expect(messages(found, 2).join('\n')).toMatch(words instanceof RegExp ? words : new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
}
