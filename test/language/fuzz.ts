import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmptyFileSystem, URI, type LangiumDocument } from 'langium';
import { createSynthServices } from '../../server/language/module';
import { registerChecks } from '../../server/language/validation/register';
import { longSchema, longTargets } from './long';

/** Pieces that a mutation puts where they do not belong. */
const pieces = ['{', '}', '(', ')', '"', '`', '//', '/*', '*/', '..', '...', ',', ':', '%', '=', '>=', '-', '.', 'where', 'not', 'in', 'and', 'source', 'release', 'expect', 'from', 'rows', '0x', '1e999', '\u0000', '\ud83d\ude00', '\\', '\r', '\n', '\t', 'é', '((((((((', 'not not not ', '"\\'];

/** A generator of numbers in [0, n), the same for the same seed. */
export function dice(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 97) >>> 0;
  return (n) => {
    state ^= state << 13; state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5; state >>>= 0;
    return state % n;
  };
}

/** A text with a few random wounds: cuts, repeats, swaps, foreign pieces, single characters. */
export function mutate(text: string, roll: (n: number) => number, other: string): string {
  let result = text;
  for (let n = 1 + roll(6); n > 0; n--) {
    const at = roll(result.length + 1), length = roll(40);
    switch (roll(6)) {
      case 0: result = result.slice(0, at) + result.slice(at + length); break;
      case 1: result = result.slice(0, at) + result.slice(at, at + length).repeat(1 + roll(4)) + result.slice(at); break;
      case 2: result = result.slice(0, at) + pieces[roll(pieces.length)] + result.slice(at); break;
      case 3: result = result.slice(0, at) + String.fromCharCode(roll(0x250)) + result.slice(at + 1); break;
      case 4: { const from = roll(other.length + 1); result = result.slice(0, at) + other.slice(from, from + length * 3) + result.slice(at); break; }
      default: result = result.slice(0, at) + pieces[roll(pieces.length)].repeat(1 + roll(30)) + result.slice(at);
    }
  }
  return result.slice(0, 40_000);
}

export const corpus = (): string[] => readdirSync(join(__dirname, 'corpus')).sort().map((name) => readFileSync(join(__dirname, 'corpus', name), 'utf8'));

/** A text to wound: mostly a declaration or two, since mistakes are as bad in short files and cost less there; a whole file at every fifth, a long one now and then. */
export function drawn(roll: (n: number) => number): string {
  texts ??= { whole: corpus(), parts: corpus().flatMap((t) => t.split(/\n(?=(?:source|release|augmentation|fairness|transfer|completion|expect)\b)/)).filter((t) => t.trim() !== ''), long: [longTargets(300), longSchema(60)] };
  const kind = roll(500), from = kind === 0 ? texts.long : kind < 100 ? texts.whole : texts.parts, part = from[roll(from.length)];
  return kind >= 100 && roll(3) === 0 ? `${part}\n${texts.parts[roll(texts.parts.length)]}` : part;
}
let texts: { whole: string[]; parts: string[]; long: string[] } | undefined;

/**
 * Feeds mutated files through all that an editor would ask: building and checking, then completion, hover, formatting and the rest at a random place.
 * @returns how long the slowest took, milliseconds; of processor time above 300, since a busy machine is not the file's fault
 * @throws with the text and the service where one fails
 */
export async function fuzz(count: number, seed: number): Promise<{ slowest: number; text: string }> {
  const { shared, synth } = createSynthServices({ ...EmptyFileSystem, inspect: async () => { throw new Error('no tables here'); }, changed: () => undefined, checks: () => undefined });
  registerChecks(synth, () => undefined);
  const roll = dice(seed), { LangiumDocuments, LangiumDocumentFactory, DocumentBuilder } = shared.workspace;
  let slowest = 0, worst = '';
  const feed = async (text: string, i: number): Promise<void> => {
    const uri = URI.file(`/fuzz/${i}.synth`);
    try {
      const document = LangiumDocumentFactory.fromString(text, uri);
      LangiumDocuments.addDocument(document);
      await DocumentBuilder.build([document], { validation: true });
      // A check that throws becomes a diagnostic; here it is a find.
      const thrown = document.diagnostics?.find((d) => String(d.message).startsWith('An error occurred during validation'));
      if (thrown) throw new Error(String(thrown.message));
      await askAll(synth, document, document.textDocument.positionAt(roll(text.length + 1)));
      LangiumDocuments.deleteDocument(uri);
      await DocumentBuilder.update([], [uri]);
    } catch (error) {
      throw new Error(`seed ${seed}, file ${i}: ${error instanceof Error ? error.stack : String(error)}\n---\n${text}`);
    }
  };
  for (let i = 0; i < count; i++) {
    const text = mutate(drawn(roll), roll, drawn(roll)), from = performance.now();
    await feed(text, i);
    let took = performance.now() - from;
    // To ask for the processor's time costs as much as a small file: only what seemed slow is done again and asked for.
    if (took > suspicious) {
      const before = spent();
      await feed(text, i);
      took = spent() - before;
    }
    if (took > slowest) { slowest = took; worst = text; }
  }
  return { slowest, text: worst };
}
/** Milliseconds. */
const suspicious = 300;

const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function askAll({ lsp }: ReturnType<typeof createSynthServices>['synth'], document: LangiumDocument, position: { line: number; character: number }): Promise<void> {
  const textDocument = { uri: document.uri.toString() }, at = { textDocument, position }, range = { start: position, end: position };
  await lsp.CompletionProvider!.getCompletion(document, at);
  await lsp.HoverProvider!.getHoverContent(document, at);
  await lsp.DefinitionProvider!.getDefinition(document, at);
  await lsp.ReferencesProvider!.findReferences(document, { ...at, context: { includeDeclaration: true } });
  await lsp.RenameProvider!.rename(document, { ...at, newName: 'new name' });
  await lsp.DocumentHighlightProvider!.getDocumentHighlight(document, at);
  await lsp.DocumentSymbolProvider!.getSymbols(document, { textDocument });
  await lsp.FoldingRangeProvider!.getFoldingRanges(document, { textDocument });
  await lsp.SemanticTokenProvider!.semanticHighlight(document, { textDocument });
  await lsp.SignatureHelp!.provideSignatureHelp(document, at);
  await lsp.Formatter!.formatDocument(document, { textDocument, options: { tabSize: 2, insertSpaces: true } });
  await lsp.CodeActionProvider!.getCodeActions(document, { textDocument, range, context: { diagnostics: document.diagnostics ?? [] } });
  await lsp.CodeLensProvider!.provideCodeLens(document, { textDocument });
  await lsp.InlayHintProvider!.getInlayHints(document, { textDocument, range: { start: { line: 0, character: 0 }, end: { line: 10_000, character: 0 } } });
}
