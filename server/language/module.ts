import './polyfill';
import { createCompletionParser, createLangiumParser, eagerLoad, inject, type DeepPartial, type LangiumCompletionParser, type Module } from 'langium';
import { createDefaultModule, createDefaultSharedModule, DefaultLanguageServer, type DefaultSharedModuleContext, type LangiumServices, type LangiumSharedServices, type PartialLangiumServices } from 'langium/lsp';
import type { InitializeParams, InitializeResult } from 'vscode-languageserver';
import type { TableProfile } from '../protocol';
import { SynthDocumentBuilder } from './builder';
import { Settings } from './catalogue';
import { Rows, Tables, type AskRows } from './data';
import { SynthDocuments, SynthLock, SynthUpdateHandler, SynthWorkspace } from './documents';
import { SynthGeneratedModule, SynthGeneratedSharedModule } from './generated/module';
import type { Checks } from './check';
import { SynthActions } from './lsp/actions';
import { SynthCompletion } from './lsp/completion';
import { SynthFormatter } from './lsp/formatter';
import { SynthInlayHints } from './lsp/hints';
import { SynthHover } from './lsp/hover';
import { SynthKinds } from './lsp/kinds';
import { SynthLenses } from './lsp/lenses';
import { SynthDefinition, SynthHighlight, SynthReferences, SynthRename } from './lsp/navigation';
import { SynthFolding, SynthSymbols } from './lsp/outline';
import { SynthSignatureHelp } from './lsp/signature';
import { SynthSemanticTokens } from './lsp/tokens';
import { inPieces } from './parsing/parser';
import { quickToComplain, SynthErrorMessages, SynthLexer, SynthTokens, SynthValueConverter } from './parser';
import { SynthLinker, SynthReferenceDescriptions } from './references';
import { SynthValidator } from './validation/validator';
import { SynthDocumentFactory, SynthScopeComputation, SynthScopeProvider } from './workspace';

/** What the language knows beyond its text: the tables, the generators' settings. */
export interface SynthAddedServices { data: { Tables: Tables; Settings: Settings; Rows: Rows } }
export type SynthServices = LangiumServices & SynthAddedServices;

export interface SynthContext extends DefaultSharedModuleContext {
  /** Profiles a table in a worker. */
  inspect(path: string, values: number): Promise<TableProfile>;
  /** Asks a worker about a table's rows; without it, nothing rests on them. */
  rows?: AskRows;
  /** There is more to say about a table, or about generators (no path). */
  changed(path?: string): void;
  serverInfo?: { name: string; version: string };
  /** What runs say of targets. */
  checks(): Checks | undefined;
}

/** One service a line; to change a behaviour, replace its line. */
const synthModule = (context: SynthContext): Module<SynthServices, PartialLangiumServices & SynthAddedServices> => ({
  data: {
    Tables: () => new Tables(context.inspect, context.changed),
    Settings: () => new Settings(context.changed),
    Rows: () => new Rows(context.rows, () => context.changed(), context.connection ? 300 : 0),
  },
  parser: {
    TokenBuilder: () => new SynthTokens(),
    Lexer: (services) => new SynthLexer(services),
    LangiumParser: (services) => inPieces(quickToComplain(createLangiumParser(services)), services.parser.ParserErrorMessageProvider as SynthErrorMessages),
    // Parsers take a third of a second to build, and most windows never open a .synth: each is built for the first text it reads.
    AsyncParser: (services) => ({ parse: async (text) => services.parser.LangiumParser.parse(text) as never }),
    CompletionParser: (services) => whenAsked(() => quickToComplain(createCompletionParser(services))),
    ValueConverter: () => new SynthValueConverter(),
    ParserErrorMessageProvider: () => new SynthErrorMessages(),
  },
  lsp: {
    CompletionProvider: (services) => new SynthCompletion(services),
    HoverProvider: (services) => new SynthHover(services, context.checks),
    DefinitionProvider: (services) => new SynthDefinition(services),
    ReferencesProvider: (services) => new SynthReferences(services),
    RenameProvider: (services) => new SynthRename(services),
    DocumentHighlightProvider: (services) => new SynthHighlight(services),
    CodeActionProvider: (services) => new SynthActions(services, context.checks),
    CodeLensProvider: (services) => new SynthLenses(services, context.checks),
    InlayHintProvider: () => new SynthInlayHints(context.checks),
    Formatter: () => new SynthFormatter(),
    SemanticTokenProvider: (services) => new SynthSemanticTokens(services),
    DocumentSymbolProvider: (services) => new SynthSymbols(services),
    FoldingRangeProvider: (services) => new SynthFolding(services),
    SignatureHelp: () => new SynthSignatureHelp(),
  },
  references: {
    ScopeComputation: (services) => new SynthScopeComputation(services),
    ScopeProvider: (services) => new SynthScopeProvider(services),
    Linker: (services) => new SynthLinker(services),
  },
  workspace: { ReferenceDescriptionProvider: (services) => new SynthReferenceDescriptions(services) },
  validation: { DocumentValidator: (services) => new SynthValidator(services) },
});
const synthSharedModule = (context: SynthContext): Module<LangiumSharedServices, DeepPartial<LangiumSharedServices>> => ({
  lsp: { LanguageServer: (services) => new SynthLanguageServer(services, context), DocumentUpdateHandler: (services) => new SynthUpdateHandler(services), NodeKindProvider: () => new SynthKinds() },
  workspace: {
    DocumentBuilder: (services) => new SynthDocumentBuilder(services),
    LangiumDocumentFactory: (services) => new SynthDocumentFactory(services),
    LangiumDocuments: (services) => new SynthDocuments(services),
    WorkspaceLock: (services) => new SynthLock(() => (services.workspace.DocumentBuilder as SynthDocumentBuilder).look()),
    WorkspaceManager: (services) => new SynthWorkspace(services),
  },
});

function whenAsked(make: () => LangiumCompletionParser): LangiumCompletionParser {
  let made: LangiumCompletionParser | undefined;
  return { parse: (text: string) => (made ??= make()).parse(text) } as LangiumCompletionParser;
}

/** Says who answers, and loads everything but the parsers before it does. */
class SynthLanguageServer extends DefaultLanguageServer {
  constructor(services: LangiumSharedServices, private readonly context: SynthContext) { super(services); }
  protected override eagerLoadServices(): void {
    eagerLoad(this.services);
    for (const language of this.services.ServiceRegistry.all) for (const [group, services] of Object.entries(language)) if (group !== 'parser') eagerLoad(services);
  }
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    return { ...super.buildInitializeResult(params), ...(this.context.serverInfo && { serverInfo: this.context.serverInfo }) };
  }
}

/** The language's services, wired. Nothing is read or started by this alone. */
export function createSynthServices(context: SynthContext): { shared: LangiumSharedServices; synth: SynthServices } {
  const shared = inject(createDefaultSharedModule(context), SynthGeneratedSharedModule, synthSharedModule(context));
  const synth = inject(createDefaultModule({ shared }), SynthGeneratedModule, synthModule(context));
  shared.ServiceRegistry.register(synth);
  return { shared, synth };
}
