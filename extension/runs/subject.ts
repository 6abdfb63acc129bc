/** Which runs a command is about: those of the menu, a link or the view's selection. */
import type { RunRecord } from '../../server/protocol';
import type { Context } from '../context';
import type { Node } from './view';

const isNode = (x: unknown): x is Node => typeof x === 'object' && x !== null && 'run' in x && 'type' in x;
const isRecord = (x: unknown): x is RunRecord => typeof x === 'object' && x !== null && 'folder' in x && 'state' in x;

/**
 * @param args as VS Code hands them over: a tree item with the whole selection, an id or folder from a link, a record from our own code, or nothing.
 * @returns the runs as they are known now; empty when nothing was named or it is gone.
 */
export async function subjects(context: Context, ...args: unknown[]): Promise<RunRecord[]> {
  const [first, selection] = args;
  const known = async (run: RunRecord) => (await context.catalogue.find(run.folder)) ?? run;
  if (isNode(first)) {
    const nodes = Array.isArray(selection) && selection.includes(first) ? selection.filter(isNode) : [first];
    return Promise.all([...new Map(nodes.map((n) => [n.run.folder, n.run])).values()].map(known));
  }
  if (isRecord(first)) return [await known(first)];
  if (typeof first === 'string') {
    const found = context.runs.get(first) ?? await context.catalogue.find(first);
    return found ? [found] : [];
  }
  return [];
}

/** As `subjects`; without arguments (a key pressed in the view) the selection. */
export async function subjectsOrSelection(context: Context, ...args: unknown[]): Promise<RunRecord[]> {
  const named = await subjects(context, ...args);
  if (named.length || args[0] !== undefined) return named;
  return [...new Map(context.view.tree.selection.map((n) => [n.run.folder, n.run])).values()];
}
