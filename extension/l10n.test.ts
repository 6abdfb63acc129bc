/** Every text has a key, every key a text, and words of another language find their way to where they are shown. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import bundle from '../l10n/bundle.l10n.json';

const root = resolve(__dirname, '..'), folder = mkdtempSync(join(tmpdir(), 'understudy l10n '));
// A script, which has no types.
const { faults } = await import(/* @vite-ignore */ pathToFileURL(join(root, 'scripts', 'l10n.mjs')).href) as { faults(root: string): string[] };
const change = (file: string, by: (text: string) => string) => { const at = join(folder, file); writeFileSync(at, by(readFileSync(at, 'utf8'))); };
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('texts', () => {
  it('are all in the bundle and in package.nls.json, and no others', () => expect(faults(root)).toEqual([]));
  it('that are missing, left over or not to be translated are told', () => {
    for (const part of ['extension', 'l10n', 'package.json', 'package.nls.json']) cpSync(join(root, part), join(folder, part), { recursive: true });
    change('extension/trust.ts', (text) => text.replace("t('Manage Workspace Trust')", "t('Trust It')").replace(', doing)', ')'));
    change('extension/welcome/commands.ts', (text) => text.replace("openLabel: t('Put It Here')", "openLabel: 'Put It Here'"));
    change('extension/inline/exposure.ts', (text) => text.replace("showInformationMessage(t('Open a table first.'))", "showInformationMessage('Open a table first.')"));
    change('package.nls.json', (text) => text.replace('"view.runs":', '"view.walks":'));
    change('package.json', (text) => text.replace('"%command.inspect%"', '"Inspect Table"'));
    const said = faults(folder).join('\n');
    for (const what of [
      'the bundle lacks "Trust It"', '0 arguments for 1 places', "'Put It Here' is seen by no translator", 'a message that no translator sees', 'the bundle has "Open a table first."',
      'package.nls.json lacks view.runs', 'package.nls.json has view.walks', 'title is no %key%', 'package.nls.json has command.inspect',
    ]) expect(said).toContain(what);
  });
});

describe('words', () => {
  afterEach(() => vi.resetModules());
  it('are English without an editor, and leave braces of a name alone', async () => {
    const { t } = await import('./l10n');
    expect(t('{0} of {1}', '{1}.csv', 2)).toBe('{1}.csv of 2');
    expect(t('as typed')).toBe('as typed');
  });
  it('come from the bundle of the editor\'s language, in lists made at load too', async () => {
    vi.resetModules();
    const { translateBy } = await import('./l10n');
    // As the editor does it: a key that the bundle lacks stays English.
    translateBy((message, ...args) => (Object.hasOwn(bundle, message) ? `«${message.replace(/\{(\d+)\}/g, (_, i: string) => String(args[Number(i)]))}»` : message));
    const [{ duration, plural }, { sorts }, { fixes }, { line }] = await Promise.all([import('./words'), import('./runs/rows'), import('./columns/fixes'), import('./runs/progress')]);
    expect(plural(1234, '{0} row', '{0} rows')).toBe('«1,234 rows»');
    expect(duration(80)).toBe('«1 min 20 s»');
    expect([...sorts.map((s) => s.label), ...fixes.map((f) => f.title)].every((text) => /^«.+»$/.test(text))).toBe(true);
    expect(line({ phase: 'training', fraction: 0.4, loss: 1.5, secondsLeft: 3 })).toBe('«Training» · «loss 1.500» · ««3 s» left»');
  });
  it('are asked of the editor before anything else loads', () => {
    const [first] = readFileSync(join(root, 'extension', 'extension.ts'), 'utf8').match(/^import .*$/gm)!;
    expect(first).toContain("'./translate'");
  });
});
