/** The language server as this client sees it: started at the first question, restarted on demand, one typed `ask`. */
import * as vscode from 'vscode';
import { type Disposable, LanguageClient, type LanguageClientOptions, type RequestType, type ServerOptions, State, TransportKind } from 'vscode-languageclient/node';
import type { RunRecord } from '../../server/protocol';
import { runChanged } from '../requests';

export class Connection implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private starting: Promise<LanguageClient> | undefined;
  private readonly changed = new vscode.EventEmitter<RunRecord>();
  private readonly lost = new vscode.EventEmitter<void>();
  private readonly listeners: Disposable[] = [];

  /** A run changed, as the server tells. */
  readonly onRun = this.changed.event;
  /** The server ended, by itself or because it was restarted; runs it was doing are interrupted and can be resumed. */
  readonly onLost = this.lost.event;

  constructor(private readonly module: string, private readonly log: vscode.LogOutputChannel) {}

  /** Ask the server, starting it first if need be. Rejects with the server's ResponseError (see errors.ts). */
  async ask<P, R>(type: RequestType<P, R, unknown>, params: P, token?: vscode.CancellationToken): Promise<R> {
    const client = await this.ready();
    // The cast only narrows: without it overload resolution takes the parameter to be possibly the token.
    return client.sendRequest(type as RequestType<unknown, R, unknown>, params, token);
  }

  async restart(): Promise<void> {
    if (!this.client) { await this.ready(); return; }
    await this.client.restart();
    this.log.info('The server was restarted.');
  }

  private ready(): Promise<LanguageClient> {
    this.starting ??= this.start().catch((error) => { this.starting = undefined; throw error; });
    return this.starting;
  }

  private async start(): Promise<LanguageClient> {
    const run = { module: this.module, transport: TransportKind.ipc };
    const server: ServerOptions = { run, debug: { ...run, options: { execArgv: ['--nolazy'] } } };
    const options: LanguageClientOptions = {
      // Tables are never synced: the server reads them by path. Only the language's own documents will be.
      documentSelector: [{ scheme: 'file', pattern: '**/*.synth' }],
      outputChannel: this.log,
      // Errors are ours to word (errors.ts); the client's own popups would show them a second time.
      revealOutputChannelOn: 4,
    };
    const client = new LanguageClient('understudy', 'Understudy', server, options);
    this.client = client;
    this.listeners.push(client.onNotification(runChanged, (record) => this.changed.fire(record)));
    this.listeners.push(client.onDidChangeState(({ newState }) => {
      this.log.debug(`Server: ${State[newState]}`);
      if (newState === State.Stopped) this.lost.fire();
    }));
    await client.start();
    return client;
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = this.starting = undefined;
    for (const listener of this.listeners.splice(0)) listener.dispose();
    await client?.stop(5000).catch(() => undefined);
  }

  dispose(): void {
    void this.stop();
    this.changed.dispose();
    this.lost.dispose();
  }
}
