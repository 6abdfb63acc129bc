/** Every custom message between this client and the language server, typed by server/protocol.ts. */
import type { InlineHoverQuery, Requests, RunChanged } from '../server/protocol';

/** A message's name with the types of what goes out and what comes back; the types exist at compile time only. */
export interface Request<P, R> { method: string; types?: (params: P) => R }
export interface Notification<P> { method: string; types?: (params: P) => void }

// Not the language client's own classes: activation would then have to load it, and most of what happens before the first question needs none of it.
const request = <M extends keyof Requests>(method: M): Request<Requests[M][0], Requests[M][1]> => ({ method });

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
export const laboratory = request('understudy/laboratory');
export const collapse = request('understudy/collapse');
export const explore = request('understudy/explore');
export const pair = request('understudy/pair');
export const inline = request('understudy/inline');
export const inlineMarks = request('understudy/inlineMarks');
export const inlineHover = request('understudy/inlineHover');
export const inlineExposure = request('understudy/inlineExposure');
export const assistant = request('understudy/assistant');
export const targets = request('understudy/targets');
export const runTarget = request('understudy/runTarget');
export const schema = request('understudy/schema');


export const theme: Notification<{ theme: InlineHoverQuery['theme'] }> = { method: 'understudy/theme' };
export const runChanged: Notification<RunChanged> = { method: 'understudy/run' };
