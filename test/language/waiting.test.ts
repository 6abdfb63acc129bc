import { Cancellation, DocumentState, EmptyFileSystem, EmptyFileSystemProvider, OperationCancelled, URI, UriUtils, type FileSystemNode, type FileSystemProvider, type LangiumDocument } from 'langium';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, test, vi } from 'vitest';
import { createSynthServices } from '../../server/language/module';

/** A disk of a few files; one whose text is undefined is listed, but cannot be read. */
class Disk extends (EmptyFileSystemProvider as new () => FileSystemProvider) {
  readonly files = new Map<string, string | undefined>();
  code = 'EACCES';
  override async readFile(uri: URI): Promise<string> {
    const text = this.files.get(uri.toString());
    if (text === undefined) throw Object.assign(new Error('not to be read'), { code: this.code });
    return text;
  }
  override async readDirectory(): Promise<FileSystemNode[]> { return [...this.files.keys()].map((uri) => ({ isFile: true, isDirectory: false, uri: URI.parse(uri) })); }
}

/** The language with files open in an editor, whose texts we set. */
function editor() {
  const texts = new Map<string, TextDocument>(), disk = new Disk(), { shared, synth } = createSynthServices({ ...EmptyFileSystem, fileSystemProvider: () => disk, inspect: async () => { throw new Error('no tables here'); }, changed: () => undefined, checks: () => undefined });
  Object.assign(shared.workspace.TextDocuments, { get: (uri: string | URI) => texts.get(uri.toString()), keys: () => [...texts.keys()] });
  const { DocumentBuilder: builder, LangiumDocuments: documents } = shared.workspace, type = (uri: URI, text: string): void => { texts.set(uri.toString(), TextDocument.create(uri.toString(), 'synth', texts.size, text)); };
  return {
    builder, synth, shared, documents, disk, type,
    close: (uri: URI) => void texts.delete(uri.toString()),
    async show(uri: URI, text: string): Promise<LangiumDocument> {
      type(uri, text);
      await builder.update([uri], []);
      return documents.getDocument(uri)!;
    },
    /** What is asked once the next update has begun. */
    meanwhile: <T>(ask: () => Promise<T>): Promise<T> => new Promise((resolve, reject) => {
      const once = builder.onUpdate(() => { once.dispose(); ask().then(resolve, reject); });
    }),
    /** Builds once more; the check waits behind another when `queued` is over. */
    buildAgain(document: LangiumDocument): { over: Promise<void>; queued: Promise<void> } {
      const checks = builder as unknown as { validate(d: LangiumDocument, token: Cancellation.CancellationToken): Promise<void> }, validate = checks.validate.bind(builder);
      const queued = new Promise<void>((resolve) => {
        vi.spyOn(checks, 'validate').mockImplementationOnce((d, token) => {
          const found = validate(d, token);
          resolve();
          return found;
        });
      });
      return { over: builder.build([document], { validation: true }), queued };
    },
    /** The next time that files are linked, or checked, this happens behind it. */
    behind(step: 'link' | 'validate', then: (document: LangiumDocument) => unknown): void {
      const { Linker } = synth.references, { DocumentValidator } = synth.validation;
      if (step === 'link') {
        const link = Linker.link.bind(Linker);
        vi.spyOn(Linker, 'link').mockImplementationOnce(async (d, token) => { await link(d, token); await then(d); });
      } else {
        const validate = DocumentValidator.validateDocument.bind(DocumentValidator);
        vi.spyOn(DocumentValidator, 'validateDocument').mockImplementationOnce(async (d, options, token) => { const found = await validate(d, options, token); await then(d); return found; });
      }
    },
  };
}
const text = 'source one = "orders.csv" {\n  age: integer\n}\nrelease first from one { rows 10 }\n', longer = `${text}release second from one { rows 20 }\n`, file = URI.file('/asked/one.synth'), other = URI.file('/asked/other.synth');
const targets = (document: LangiumDocument | undefined): number => (document?.parseResult.value as unknown as { declarations: unknown[] }).declarations.length - 1;
const { Linked, Validated, IndexedReferences, Parsed } = DocumentState;
/** A text with a name that means nothing, and the names of which that is said. */
const from = (name: string): string => `source one = "orders.csv" {\n  age: integer\n}\nrelease first from ${name} { rows 10 }\n`, names = (document: LangiumDocument): string[] => (document.diagnostics ?? []).flatMap((d) => /nowhere|nobody/.exec(String(d.message)) ?? []);

// A question that hangs is told as one, soon.
describe('a question that waits for a file to be built', { timeout: 10_000 }, () => {
  test.each(['link', 'validate'] as const)('is answered when the build is cut short just behind what it waits for, and nothing that was found is lost: %s', async (step) => {
    const { builder, show, meanwhile, behind } = editor(), document = await show(file, text), cut = new Cancellation.CancellationTokenSource(), told = vi.fn();
    builder.onDocumentPhase(Validated, (d) => { if (d === document) told(d.diagnostics); });
    const asked = meanwhile(() => builder.waitUntil(step === 'link' ? Linked : Validated, file));
    behind(step, () => cut.cancel());
    await builder.update([file], [], cut.token).catch((error: unknown) => expect(error).toBe(OperationCancelled));
    // What cut it short concerns another file: this one is built on from where it stands.
    await show(other, text);
    expect(await asked).toEqual(file);
    expect(document.state).toBe(Validated);
    expect(told).toHaveBeenCalledExactlyOnceWith(document.diagnostics);
  });

  test('is answered when the build is cut short and nothing follows', async () => {
    const { builder, show, meanwhile, behind } = editor(), document = await show(file, text), cut = new Cancellation.CancellationTokenSource();
    const asked = meanwhile(() => Promise.all([builder.waitUntil(Validated, file), builder.waitUntil(IndexedReferences)]));
    behind('link', () => cut.cancel());
    await expect(builder.update([file], [], cut.token)).rejects.toBe(OperationCancelled);
    await asked;
    expect(document.state).toBe(Validated);
  });

  test('across files is answered when there was nothing to build', async () => {
    const { builder, show, meanwhile } = editor();
    await show(file, text);
    const asked = meanwhile(() => builder.waitUntil(IndexedReferences));
    await builder.update([URI.file('/asked/orders.csv')], []);
    await asked;
  });

  test('is answered when a build fails, which stops no other file; with the failure where it stays', async () => {
    const { builder, show, meanwhile, synth } = editor(), document = await show(file, text), failing = vi.spyOn(synth.references.Linker, 'link'), link = failing.getMockImplementation();
    failing.mockImplementationOnce(async () => { throw new Error('once'); });
    const asked = meanwhile(() => builder.waitUntil(Linked, file));
    await expect(builder.update([file], [])).rejects.toThrow('once');
    expect(await asked).toEqual(file);
    await builder.waitUntil(Validated, file);
    expect(document.state).toBe(Validated);

    const own = synth.references.Linker.constructor.prototype.link as NonNullable<typeof link>;
    failing.mockImplementation(async (d, token) => { if (UriUtils.equals(d.uri, file)) throw new Error('always'); await own.call(synth.references.Linker, d, token); });
    const failed = expect(meanwhile(() => builder.waitUntil(Linked, file))).rejects.toThrow('always');
    await expect(builder.update([file], [])).rejects.toThrow('always');
    await failed;
    // What needs no names can still be asked.
    await builder.waitUntil(Parsed, file);
    await expect(show(other, text)).rejects.toThrow('always');
    await builder.waitUntil(Validated, other);
  });

  test('is answered when the file is deleted while it waits', async () => {
    const { builder, show, close, behind, meanwhile, documents, shared } = editor();
    await show(file, text);
    const asked = meanwhile(() => builder.waitUntil(Validated, file));
    behind('link', async () => {
      close(file);
      await builder.update([], [file]);
    });
    const told = vi.fn();
    builder.onDocumentPhase(Validated, told);
    await builder.update([file], []);
    await asked;
    expect(documents.hasDocument(file)).toBe(false);
    // Nobody is told of it any more, nor knows its names.
    expect(told).not.toHaveBeenCalled();
    expect(shared.workspace.IndexManager.allElements().toArray()).toEqual([]);
  });

  test('finds what is wrong with the newest text, and nothing of one that was replaced while it was checked', async () => {
    const { builder, show, type, behind } = editor(), document = await show(file, from('nowhere'));
    let typed!: Promise<void>;
    behind('validate', () => new Promise<void>((takenUp) => {
      type(file, from('nobody'));
      const once = builder.onUpdate(() => { once.dispose(); takenUp(); });
      typed = builder.update([file], []);
    }));
    await builder.build([document], { validation: true });
    await typed;
    await builder.waitUntil(Validated, file);
    expect(names(document)).toEqual(['nobody']);
  });

  /** A file is checked and a second check waits for the first when another text is typed, which is taken up, or read too, before the first check is over, or cut short. */
  async function overtaken(until: 'taken up' | 'read', cut: boolean) {
    const { builder, show, type, behind, buildAgain } = editor(), document = await show(file, from('nowhere')), told: string[][] = [];
    let second!: Promise<void>, typed!: Promise<void>, begunWith: string | undefined;
    builder.onDocumentPhase(Validated, (d) => { if (d === document) told.push(names(d)); });
    const read = new Promise<void>((resolve) => { builder.onDocumentPhase(Parsed, () => resolve()); });
    behind('validate', async () => {
      const again = buildAgain(document);
      second = again.over;
      await again.queued;
      const takenUp = new Promise<void>((resolve) => { builder.onUpdate(() => resolve()); });
      type(file, from('nobody'));
      typed = builder.update([file], []);
      await (until === 'read' ? read : takenUp);
      if (cut) throw OperationCancelled as unknown as Error;
    });
    // Whatever is checked next is not found out before the text is read.
    behind('validate', (d) => {
      begunWith = d.parseResult.value.$cstNode?.root.fullText;
      return read;
    });
    const first = builder.build([document], { validation: true });
    await (cut ? expect(first).rejects.toBe(OperationCancelled) : first);
    await Promise.all([second, typed]);
    await builder.waitUntil(Validated, file);
    return { found: names(document), told, begunWith };
  }

  test.each([['taken up', false], ['taken up', true], ['read', false], ['read', true]] as const)('is told what is wrong once, and of the newest text only, where a check waits behind another while that is %s, cut short: %s', async (until, cut) => {
    expect(await overtaken(until, cut)).toEqual({ found: ['nobody'], told: [['nobody']], begunWith: from('nobody') });
  });

  test('finds each mistake once after two builds at a time, and at no moment none', async () => {
    const { builder, show, behind, buildAgain } = editor(), document = await show(file, from('nowhere')), during: string[][] = [];
    let second!: Promise<void>;
    behind('validate', async () => {
      const again = buildAgain(document);
      second = again.over;
      await again.queued;
    });
    behind('validate', () => { during.push(names(document)); });
    await builder.build([document], { validation: true });
    await second;
    expect([during, names(document)]).toEqual([[['nowhere']], ['nowhere']]);
    await builder.update([file], []);
    expect(names(document)).toEqual(['nowhere']);
  });

  test('has a file checked again where the second of two checks, which knew more, is cut short', async () => {
    const { builder, show, behind, buildAgain, synth } = editor(), document = await show(file, from('nowhere'));
    let second!: Promise<void>;
    behind('validate', async () => {
      const again = buildAgain(document);
      second = again.over;
      second.catch(() => undefined);
      await again.queued;
    });
    behind('validate', () => { throw OperationCancelled as unknown as Error; });
    await builder.build([document], { validation: true });
    await expect(second).rejects.toBe(OperationCancelled);
    // What the first found is known until then.
    expect(names(document)).toEqual(['nowhere']);
    const checked = vi.mocked(synth.validation.DocumentValidator.validateDocument), before = checked.mock.calls.length;
    await show(other, text);
    expect([checked.mock.calls.slice(before).filter(([d]) => d === document).length, document.state, names(document)]).toEqual([1, Validated, ['nowhere']]);
  });

  test('across files is answered beside one that cannot be built', async () => {
    const { builder, show, synth } = editor(), own = synth.references.Linker.link.bind(synth.references.Linker);
    vi.spyOn(synth.references.Linker, 'link').mockImplementation(async (d, token) => { if (UriUtils.equals(d.uri, other)) throw new Error('always'); await own(d, token); });
    await expect(show(other, text)).rejects.toThrow('always');
    await show(file, text).catch(() => undefined);
    await builder.waitUntil(IndexedReferences);
  });

  test.each([['one that may not be read any more', 'EACCES'], ['a folder named like one', 'EISDIR']])('is answered beside %s, of which it speaks as it stood last', async (_, code) => {
    const { builder, show, close, disk, documents } = editor();
    await show(other, longer);
    await show(file, text);
    close(other);
    disk.files.set(other.toString(), undefined);
    disk.code = code;
    await builder.update([other], []);
    await builder.waitUntil(IndexedReferences);
    await Promise.all([builder.waitUntil(Validated, other), builder.waitUntil(Validated, file)]);
    expect([targets(documents.getDocument(other)), targets(documents.getDocument(file))]).toEqual([2, 1]);
    // One that was never read has nothing to be asked about; what uses it is answered, and told.
    const never = URI.file('/asked/never.synth');
    await builder.update([never], []);
    expect(await builder.waitUntil(Validated, never)).toEqual(never);
    const user = await show(URI.file('/asked/user.synth'), `use "never.synth"\n${text}`);
    await builder.waitUntil(IndexedReferences);
    expect([user.state, documents.hasDocument(never)]).toEqual([Validated, false]);
  });

  test('can be taken back, also while the text is not read yet', async () => {
    const { builder, show, type, shared } = editor();
    await show(file, text);
    const taken = new Cancellation.CancellationTokenSource();
    let go!: () => void;
    const busy = shared.workspace.WorkspaceLock.write(() => new Promise<void>((resolve) => { go = resolve; }));
    type(file, longer);
    const asked = builder.waitUntil(Parsed, file, taken.token);
    taken.cancel();
    await expect(asked).rejects.toBe(OperationCancelled);
    go();
    await busy;
  });

  test('speaks of the text that the editor sent, though nobody takes it up', async () => {
    const { builder, show, type, documents } = editor();
    await show(file, text);
    type(file, longer);
    await builder.waitUntil(Parsed, file);
    expect(targets(documents.getDocument(file))).toBe(2);
  });

  test('of a text that is typed while another build is at work, finds that text read', async () => {
    const { builder, show, type, behind } = editor(), document = await show(file, text);
    let typed!: Promise<void>, goOn!: () => void;
    const checked = new Promise<void>((resolve) => { goOn = resolve; });
    // The text is taken up while the file is checked, and read when that is over.
    behind('validate', () => new Promise<void>((takenUp) => {
      type(file, longer);
      builder.onUpdate(async () => { takenUp(); await checked; });
      typed = builder.update([file], []);
    }));
    await builder.build([document], { validation: true });
    goOn();
    await typed;
    expect([targets(document), document.state]).toEqual([2, Validated]);
  });

  test('of a closed file may be asked twice at a time', async () => {
    const { builder, disk, documents } = editor();
    disk.files.set(file.toString(), text);
    await Promise.all([builder.waitUntil(Linked, file), builder.waitUntil(Linked, file)]);
    expect(targets(documents.getDocument(file))).toBe(1);
  });

  test('is answered in a folder with a file that cannot be read', async () => {
    const { shared, builder, disk, documents } = editor(), complained = vi.spyOn(console, 'error').mockReturnValue();
    disk.files.set(other.toString(), undefined).set(file.toString(), text);
    await shared.workspace.WorkspaceLock.write((token) => shared.workspace.WorkspaceManager.initializeWorkspace([{ name: 'asked', uri: 'file:///asked' }], token));
    await shared.workspace.WorkspaceManager.ready;
    await builder.waitUntil(Linked, file);
    expect(targets(documents.getDocument(file))).toBe(1);
    expect(complained.mock.calls.flat().join(' ')).toContain('other.synth');
    complained.mockRestore();
  });
});
