/** The language server as this client sees it: started at the first question, restarted on demand, one typed `ask`. */
import * as vscode from 'vscode';
import type { Disposable, LanguageClient, LanguageClientOptions, ServerOptions } from 'vscode-languageclient/node';
import type { RunRecord } from '../../server/protocol';
import { type Notification, type Request, runChanged } from '../requests';

/** `idle`: not asked anything yet. `down`: crashed too often to be started again by itself. */
export type Health = 'idle' | 'starting' | 'ready' | 'down';

/** More crashes than this within the time below, and only the user starts it again. */
const mostCrashes = 4, crashWindowMs = 3 * 60_000;

export class Connection implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private starting: Promise<LanguageClient> | undefined;
  private crashes: number[] = [];
  private state: Health = 'idle';
  private readonly changed = new vscode.EventEmitter<RunRecord>();
  private readonly lost = new vscode.EventEmitter<{ crashed: boolean }>();
  private readonly healthChanged = new vscode.EventEmitter<Health>();
  private readonly crashed = new vscode.EventEmitter<{ restarts: boolean }>();
  private readonly listeners: Disposable[] = [];

  /** A run changed, as the server tells. */
  readonly onRun = this.changed.event;
  /** The server ended, by itself or because it was restarted; runs it was doing are interrupted and can be resumed. */
  readonly onLost = this.lost.event;
  /** The server ended by itself. Fires before `onLost`, so that a listener still sees which runs were going on. */
  readonly onCrash = this.crashed.event;
  readonly onHealth = this.healthChanged.event;

  constructor(private readonly module: string, private readonly log: vscode.LogOutputChannel) {}

  get health(): Health { return this.state; }

  /** Ask the server, starting it first if need be. Rejects with the server's ResponseError (see errors.ts). */
  async ask<P, R>(type: Request<P, R>, params: P, token?: vscode.CancellationToken): Promise<R> {
    const client = await this.ready();
    return token ? client.sendRequest<R>(type.method, params, token) : client.sendRequest<R>(type.method, params);
  }

  /** Start the server, if it is not there: a file of the language was opened. */
  async wake(): Promise<void> { await this.ready(); }

  /** Tell the server something it need not answer. */
  async say<P>(type: Notification<P>, params: P): Promise<void> {
    const client = await this.ready();
    await client.sendNotification(type.method, params);
  }

  async restart(): Promise<void> {
    this.crashes = [];
    if (!this.client) { await this.ready(); return; }
    if (this.state === 'down') {
      // It has stopped already; stopping it once more is an error.
      await this.stop();
      await this.ready();
    } else await this.client.restart();
    this.log.info('The server was restarted.');
  }

  private ready(): Promise<LanguageClient> {
    this.starting ??= this.start().catch((error) => { this.starting = undefined; this.set('idle'); throw error; });
    return this.starting;
  }

  private async start(): Promise<LanguageClient> {
    // Loaded here, at the first question: activation does without it.
    const { CloseAction, ErrorAction, LanguageClient, State, TransportKind } = await import('vscode-languageclient/node');
    const run = { module: this.module, transport: TransportKind.ipc };
    const server: ServerOptions = { run, debug: { ...run, options: { execArgv: ['--nolazy'] } } };
    const options: LanguageClientOptions = {
      // Tables are never synced: the server reads them by path. Only the language's own documents will be.
      documentSelector: [{ scheme: 'file', language: 'synth' }],
      outputChannel: this.log,
      // Errors are ours to word (errors.ts); the client's own popups would show them a second time.
      revealOutputChannelOn: 4,
      errorHandler: { error: () => ({ action: ErrorAction.Continue, handled: true }), closed: () => ({ action: this.closed() ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true }) },
    };
    const client = new LanguageClient('understudy', 'Understudy', server, options);
    this.client = client;
    this.listeners.push(client.onNotification(runChanged.method, (record: RunRecord) => this.changed.fire(record)));
    this.listeners.push(client.onDidChangeState(({ newState }) => {
      this.log.debug(`Server: ${State[newState]}`);
      if (newState === State.Running) this.set('ready');
      if (newState === State.Starting) this.set('starting');
      if (newState === State.Stopped) this.lost.fire({ crashed: false });
    }));
    this.set('starting');
    await client.start();
    return client;
  }

  /** The server went without having been asked to. @returns whether it is to be started again. */
  private closed(): boolean {
    const now = Date.now();
    this.crashes = [...this.crashes.filter((at) => now - at < crashWindowMs), now];
    const restarts = this.crashes.length <= mostCrashes;
    this.log.error(`The server ended unexpectedly${restarts ? ' and is started again' : ' too often'}.`);
    this.crashed.fire({ restarts });
    this.lost.fire({ crashed: true });
    this.set(restarts ? 'starting' : 'down');
    return restarts;
  }

  private set(state: Health): void {
    if (state === this.state) return;
    this.state = state;
    this.healthChanged.fire(state);
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = this.starting = undefined;
    for (const listener of this.listeners.splice(0)) listener.dispose();
    if (client?.needsStop()) await client.stop(5000).catch(() => undefined);
    this.set('idle');
  }

  dispose(): void {
    void this.stop();
    for (const emitter of [this.changed, this.lost, this.healthChanged, this.crashed]) emitter.dispose();
  }
}
