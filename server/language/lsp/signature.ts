import type { LangiumDocument } from 'langium';
import type { SignatureHelpProvider } from 'langium/lsp';
import type { SignatureHelp, SignatureHelpOptions, SignatureHelpParams } from 'vscode-languageserver';
import { pieceStart } from '../parsing/around';
import { clauses } from '../validation/target';

/** What a clause takes, part by part; the part one is at stands out. Parts begin with the word that introduces them, or are positional. */
interface Shape { label: string; parts: Array<{ text: string; word?: string; what: string }> }

const shapes: Record<string, Shape> = {
  privacy: { label: 'privacy epsilon E delta D per UNIT', parts: [{ text: 'epsilon E', word: 'epsilon', what: 'The guarantee: how much any one row may change what is learnt. Below 1 strong, above 10 hardly any.' }, { text: 'delta D', word: 'delta', what: 'The chance that the guarantee fails; far below one over the number of rows.' }, { text: 'per UNIT', word: 'per', what: 'The column that says whose rows are protected together. Left out: each row by itself.' }] },
  where: { label: 'where CONDITION rows N | share P%', parts: [{ text: 'CONDITION', what: 'Columns compared with values: city = "Porto" and age in 20..30, not (level is missing), a + b <= 99.' }, { text: 'rows N', word: 'rows', what: 'How many rows of the kind are made.' }, { text: 'share P%', word: 'share', what: 'The share of all rows that are of the kind.' }] },
  balance: { label: 'balance COLUMN equally | to P% | to "a" P%, "b" P%', parts: [{ text: 'COLUMN', what: 'The column whose values get other shares.' }, { text: 'equally', word: 'equally', what: 'Every value as often as any other.' }, { text: 'to P%', word: 'to', what: 'The share of the outcome\'s positive value, or of each value named.' }] },
  forecast: { label: 'forecast N by UNIT order by TIME', parts: [{ text: 'forecast N', what: 'How many steps each series goes on.' }, { text: 'by UNIT', word: 'by', what: 'The column that tells series apart.' }, { text: 'order by TIME', word: 'order', what: 'The column that orders the rows of a series.' }] },
  impute: { label: 'impute COLUMNS | all', parts: [{ text: 'COLUMNS', what: 'The columns whose missing cells are filled.' }, { text: 'all', word: 'all', what: 'All columns with missing cells.' }] },
  to: { label: 'to "FILE" labels none | some using METHOD', parts: [{ text: 'to "FILE"', what: 'The rows of the other place, or a source that holds them.' }, { text: 'labels none | some', word: 'labels', what: 'Whether the outcome is known there.' }, { text: 'using METHOD', word: 'using', what: 'importance: rows are reweighted; optimal_transport: they are moved.' }] },
  rule: { label: 'rule NAME: CONDITION where CONDITION', parts: [{ text: 'NAME', what: 'What the rule is called in reports.' }, { text: 'CONDITION', word: ':', what: 'What holds in every row; or: unique A, B; A determines B; combinations of A, B; A matches "pattern".' }, { text: 'where CONDITION', word: 'where', what: 'The rows it holds for.' }] },
  protection: { label: 'protection off | K', parts: [{ text: 'off', word: 'off', what: 'Rare values may appear as they are.' }, { text: 'K', what: 'A value of fewer than K rows is never emitted as it is.' }] },
};
for (const criterion of ['demographic_parity', 'equal_opportunity', 'equalised_odds']) {
  shapes[criterion] = {
    label: `${criterion} of OUTCOME across GROUPS within GAP at LEVEL level through COLUMNS`,
    parts: [{ text: 'of OUTCOME', word: 'of', what: 'The decision; = "value" says which value is the favourable one.' }, { text: 'across GROUPS', word: 'across', what: 'The sensitive columns whose groups are compared.' }, { text: 'within GAP', word: 'within', what: 'The largest difference between groups: 0.02 or 2%.' }, { text: 'at LEVEL level', word: 'at', what: 'data: the gap of the rows themselves; model: of a model that learns from them, judged on real rows.' }, { text: 'through COLUMNS', word: 'through', what: 'Columns through which the groups may differ.' }],
  };
}

const parts = new Set(Object.values(shapes).flatMap((s) => s.parts.flatMap((p) => p.word ?? [])));
/** Words that begin another clause than those above: behind them these are over. */
const others = new Set(clauses.map((c) => c.word).filter((w) => !Object.hasOwn(shapes, w) && !parts.has(w)));
/** On a new line a clause goes on only where the last one left something open. */
const open = /(?:[,=<>+*/(-]|\b(?:and|or|not|in|by|of|to|across|through|rows|share|using|labels|epsilon|delta|per|within))\s*\n\s*\S*$/;

/** Help while a clause of several parts is written. */
export class SynthSignatureHelp implements SignatureHelpProvider {
  get signatureHelpOptions(): SignatureHelpOptions { return { triggerCharacters: [' '], retriggerCharacters: [' ', ','] }; }

  provideSignatureHelp(document: LangiumDocument, params: SignatureHelpParams): SignatureHelp | undefined {
    const text = document.textDocument.getText(), offset = document.textDocument.offsetAt(params.position), { start, head } = pieceStart(text, offset), before = `${head}${text.slice(start, offset)}`;
    // The last word of a clause on the way back to the brace; strings and comments hold none.
    const bare = before.replace(/"(?:\\.|[^"\\\n])*"?|`[^`\n]*`?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g, (m) => ' '.repeat(m.length)), found = [...bare.matchAll(/[A-Za-z_]+|[{}:]/g)];
    let at = -1;
    for (let i = found.length - 1; i >= 0 && found[i][0] !== '{' && found[i][0] !== '}'; i--) if (Object.hasOwn(shapes, found[i][0]) && !(found[i][0] === 'where' && found.slice(0, i).some((w) => w[0] === 'rule')) && !(found[i][0] === 'to' && found[i - 2]?.[0] === 'balance')) { at = i; break; }
    if (at < 0 || found.slice(at + 1).some((w) => others.has(w[0]) && !/^\s*(?:[=<>!+*/-]|in\b|is\b|not\b)/.test(bare.slice(w.index + w[0].length)))) return undefined;
    if (/\n\s*\S*$/.test(bare.slice(found[at].index)) && !open.test(bare)) return undefined;
    const shape = shapes[found[at][0]], after = found.slice(at + 1).map((w) => w[0]);
    let active = shape.parts.findIndex((p) => p.word === undefined);
    for (const word of after) {
      const part = shape.parts.findIndex((p) => p.word === word);
      if (part >= 0) active = part;
    }
    if (active < 0) active = 0;
    return { signatures: [{ label: shape.label, parameters: shape.parts.map((p) => ({ label: p.text, documentation: p.what })) }], activeSignature: 0, activeParameter: active };
  }
}
