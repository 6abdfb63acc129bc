import { spawn } from 'node:child_process';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter, type MessageConnection } from 'vscode-jsonrpc/node';
import type { Requests, RunRecord } from '../../server/protocol';
import { ensureBuilt, server } from './build';

/** An editor's end of the built server, over stdio. */
export interface Client {
  connection: MessageConnection;
  /** Every change of a run that the server told of. */
  heard: RunRecord[];
  ask<M extends keyof Requests>(method: M, params: Requests[M][0]): Promise<Requests[M][1]>;
  /** A run as it ended, well or not. @throws Error when it has not after minutes */
  over(id: string): Promise<RunRecord>;
  close(): void;
}

/** Starts the server and says hello. @param before called before the first word is sent, to listen for more */
export async function connect(before: (connection: MessageConnection) => void = () => undefined): Promise<Client> {
  await ensureBuilt();
  const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] }), heard: RunRecord[] = [];
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin));
  connection.onNotification('understudy/run', (record: RunRecord) => void heard.push(record));
  before(connection);
  connection.listen();
  await connection.sendRequest('initialize', { processId: process.pid, rootUri: null, capabilities: {}, workspaceFolders: null });
  connection.sendNotification('initialized', {});
  return {
    connection, heard, ask: (method, params) => connection.sendRequest(method, params),
    async over(id) {
      for (const end = Date.now() + 150_000; Date.now() < end;) {
        const found = heard.find((r) => r.id === id && r.state !== 'queued' && r.state !== 'running');
        if (found) return found;
        await new Promise((r) => setTimeout(r, 10));
      }
      throw new Error(`the run never ended; last heard: ${JSON.stringify(heard.at(-1))}`);
    },
    close() {
      connection.dispose();
      child.kill('SIGKILL');
    },
  };
}
