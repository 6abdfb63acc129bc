import './polyfill';
import { inject, type DeepPartial, type Module } from 'langium';
import { createDefaultModule, createDefaultSharedModule, DefaultDocumentUpdateHandler, DefaultLanguageServer, type DefaultSharedModuleContext, type LangiumServices, type LangiumSharedServices, type PartialLangiumServices } from 'langium/lsp';
import type { FileSystemWatcher, InitializeParams, InitializeResult } from 'vscode-languageserver';
import type { TableProfile } from '../protocol';
import { Settings } from './catalogue';
import { Tables } from './data';
import { SynthGeneratedModule, SynthGeneratedSharedModule } from './generated/module';
import { SynthErrorMessages, SynthLexer, SynthValueConverter } from './parser';
import { SynthDocumentBuilder, SynthScopeComputation, SynthScopeProvider } from './workspace';

/** What the language knows beyond its text: the tables, the generators' settings. */
export interface SynthAddedServices { data: { Tables: Tables; Settings: Settings } }
export type SynthServices = LangiumServices & SynthAddedServices;

export interface SynthContext extends DefaultSharedModuleContext {
  /** Profiles a table in a worker. */
  inspect(path: string): Promise<TableProfile>;
  /** There is more to say about a table, or about generators (no path). */
  changed(path?: string): void;
  serverInfo?: { name: string; version: string };
}

/** One service a line; to change a behaviour, replace its line. */
const synthModule = (context: SynthContext): Module<SynthServices, PartialLangiumServices & SynthAddedServices> => ({
  data: {
    Tables: () => new Tables(context.inspect, context.changed),
    Settings: () => new Settings(context.changed),
  },
  parser: {
    Lexer: (services) => new SynthLexer(services),
    ValueConverter: () => new SynthValueConverter(),
    ParserErrorMessageProvider: () => new SynthErrorMessages(),
  },
  references: {
    ScopeComputation: (services) => new SynthScopeComputation(services),
    ScopeProvider: (services) => new SynthScopeProvider(services),
  },
});
const synthSharedModule = (context: SynthContext): Module<LangiumSharedServices, DeepPartial<LangiumSharedServices>> => ({
  lsp: { LanguageServer: (services) => new SynthLanguageServer(services, context), DocumentUpdateHandler: (services) => new SynthUpdateHandler(services) },
  workspace: { DocumentBuilder: (services) => new SynthDocumentBuilder(services) },
});

/** Says who answers. */
class SynthLanguageServer extends DefaultLanguageServer {
  constructor(services: LangiumSharedServices, private readonly context: SynthContext) { super(services); }
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    return { ...super.buildInitializeResult(params), ...(this.context.serverInfo && { serverInfo: this.context.serverInfo }) };
  }
}

/** Hears of the language's own files and of tables: a source that changed makes what is known of it stale. */
class SynthUpdateHandler extends DefaultDocumentUpdateHandler {
  protected override getWatchers(): FileSystemWatcher[] {
    return [{ globPattern: '**/*.synth' }, { globPattern: '**/*.{csv,tsv,gz,parquet,jsonl,arrow,feather}' }];
  }
}

/** The language's services, wired. Nothing is read or started by this alone. */
export function createSynthServices(context: SynthContext): { shared: LangiumSharedServices; synth: SynthServices } {
  const shared = inject(createDefaultSharedModule(context), SynthGeneratedSharedModule, synthSharedModule(context));
  const synth = inject(createDefaultModule({ shared }), SynthGeneratedModule, synthModule(context));
  shared.ServiceRegistry.register(synth);
  return { shared, synth };
}
