import { AstUtils, URI, type LangiumDocument } from 'langium';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, test, vi } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver-types';
import * as ast from '../../server/language/generated/ast';
import { createSynthServices } from '../../server/language/module';
import type { SynthParser } from '../../server/language/parsing/parser';
import { referencesOf } from '../../server/language/references';
import { registerChecks } from '../../server/language/validation/register';
import { profileFile } from '../../server/targets/release/read';
import { NodeFileSystem } from 'langium/node';
import { dice, mutate } from './fuzz';
import { Workbench, source } from './fixture';
import { longTargets } from './long';

/** The language with one file open in an editor, whose text we set. */
function editor(folder: string) {
  const texts = new Map<string, TextDocument>(), { shared, synth } = createSynthServices({ ...NodeFileSystem, inspect: (path, values) => profileFile(path, {}, values), changed: () => undefined, checks: () => undefined });
  registerChecks(synth, () => undefined);
  Object.assign(shared.workspace.TextDocuments, { get: (uri: string | URI) => texts.get(uri.toString()) });
  const uri = URI.file(`${folder}/typed.synth`);
  return {
    synth,
    async show(text: string): Promise<LangiumDocument> {
      texts.set(uri.toString(), TextDocument.create(uri.toString(), 'synth', texts.size, text));
      const { DocumentBuilder, LangiumDocuments } = shared.workspace;
      for (let round = 0; round < 20; round++) {
        await DocumentBuilder.update([uri], []);
        const pending = [...synth.data.Tables.pending, ...synth.data.Settings.pending];
        if (pending.length === 0) break;
        await Promise.all(pending);
      }
      return LangiumDocuments.getDocument(uri)!;
    },
  };
}
const told = (found: readonly Diagnostic[]): string[] => found.map((d) => `${d.range.start.line}:${d.range.start.character}-${d.range.end.line}:${d.range.end.character} ${d.severity} ${String(d.message)}`).sort();

const text = `${source.replace('language 1\n', 'language 1\nuse "none.synth"\n')}
source other = "census.csv" { city: category in ("Porto")   sex: category sensitive   rule a: city determines sex   missing "?" }
release public from people { rows 30  generator autoregressive { } privacy epsilon 3 delta 1e-6 }
augmentation more from other {
  where city = "Gent" rows 5
  balance sex equally
  age, sex like "census.csv"
}
transfer there from people { to other labels none }
fairness fair from people { demographic_parity of income across sex, city within 2% }
expect public { fidelity.shapes >= 2   privacy.nothing <= 1  fairness.demographic_parity <= 0.1 }
expect more { utility.tstr >= 0.9 of real }
`;

describe('after key presses', () => {
  test('what is said is what is said of the text alone', async () => {
    const bench = new Workbench(), typed = editor(bench.folder), roll = dice(21);
    try {
      const parser = typed.synth.parser.LangiumParser as SynthParser, again = vi.spyOn(parser, 'reparse');
      let now = text, said = 0;
      for (let i = 0; i < 30; i++) {
        const at = roll(now.length + 1), key = ['x', '1', ' ', '"', '{', '}', '\n', ',', '='][roll(9)];
        now = i % 7 === 6 ? text : i % 5 === 4 ? mutate(now, roll, text) : roll(3) === 0 ? now.slice(0, at) + now.slice(at + 1) : now.slice(0, at) + key + now.slice(at);
        const ours = told((await typed.show(now)).diagnostics ?? []), alone = told((await editor(bench.folder).show(now)).diagnostics ?? []);
        expect(ours, now).toEqual(alone);
        said += ours.length;
      }
      expect(said).toBeGreaterThan(150);
      expect(again.mock.calls.length).toBeGreaterThan(20);
    } finally {
      bench.dispose();
    }
  });

  test('a column that is renamed where it is declared is missed where it is used', async () => {
    const bench = new Workbench(), typed = editor(bench.folder), whole = `${source}release r from people { rows 5 }\naugmentation m from people { where level = "low" rows 5 }\n`;
    try {
      expect(told((await typed.show(whole)).diagnostics ?? []).filter((d) => /^\S+ 1 /.test(d))).toEqual([]);
      expect(told((await typed.show(whole.replace('level: category', 'level: drop category'))).diagnostics ?? []).join('\n')).toContain('level is dropped');
      expect(told((await typed.show(whole)).diagnostics ?? []).filter((d) => /^\S+ 1 /.test(d))).toEqual([]);
    } finally {
      bench.dispose();
    }
  });

  test('every reference is linked', async () => {
    const bench = new Workbench();
    try {
      const document = await editor(bench.folder).show(text + longTargets(100)), all = [...AstUtils.streamAst(document.parseResult.value)].flatMap((n) => [...AstUtils.streamReferences(n)]);
      expect(new Set(referencesOf(document.parseResult.value as ast.File).map((r) => r.reference))).toEqual(new Set(all.map((r) => r.reference)));
      expect(document.references.length).toBe(all.length);
    } finally {
      bench.dispose();
    }
  });

  test('names of nothing but backticks harm nobody', async () => {
    const bench = new Workbench();
    try {
      expect((await bench.open(`${source}transfer \`\`\`\`\` from people { to "census.csv" labels some }`)).diagnostics).toBeDefined();
    } finally {
      bench.dispose();
    }
  });
});
