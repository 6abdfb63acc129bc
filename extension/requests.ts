/** Every custom message between this client and the language server, typed by server/protocol.ts. */
import { NotificationType, RequestType } from 'vscode-languageclient/node';
import type { Requests, RunChanged } from '../server/protocol';

const request = <M extends keyof Requests>(method: M) => new RequestType<Requests[M][0], Requests[M][1], unknown>(method);

export const inspect = request('understudy/inspect');
export const synthesize = request('understudy/synthesize');
export const evaluate = request('understudy/evaluate');
export const cancel = request('understudy/cancel');
export const resume = request('understudy/resume');
export const runs = request('understudy/runs');
export const repeat = request('understudy/repeat');
export const remove = request('understudy/delete');
export const rename = request('understudy/rename');
export const generators = request('understudy/generators');
export const health = request('understudy/health');
export const report = request('understudy/report');
export const pair = request('understudy/pair');
export const inline = request('understudy/inline');
export const inlineMarks = request('understudy/inlineMarks');
export const inlineHover = request('understudy/inlineHover');

export const runChanged = new NotificationType<RunChanged>('understudy/run');
