/** Where a program's parameters meet its examples: the places at which per-example gradients are known without computing them. */
import { topological, type Expr } from '../../engine/expr';
import type { Axis } from './axes';

/** A parameter's use: `node` takes `view`, which holds the parameter's numbers (or some of them) in another shape, as operand `at`. */
export interface Site { param: string; node: Expr; at: number; view: Expr; /** how the view is made of the parameter: equal texts, equal views */ path: string; /** of a view of some rows: the first and the end */ part?: { from: readonly number[]; to: readonly number[] } }

const views = new Set(['reshape', 'transpose', 'slice']);

/**
 * Every use of a parameter by a node that has an example axis.
 * @throws Error where a parameter is changed before it meets an example, so that gradients of what it became are not gradients of it
 */
export function sitesOf(outputs: readonly Expr[], params: Record<string, Expr>, axes: ReadonlyMap<number, Axis>): Site[] {
  const names = new Map(Object.entries(params).map(([name, x]) => [x.id, name])), from = new Map<number, { param: string; path: string; part?: Site['part'] } | 'changed'>(), sites: Site[] = [];
  for (const x of topological(outputs)) {
    const name = names.get(x.id);
    if (name !== undefined) { from.set(x.id, { param: name, path: '' }); continue; }
    const known = x.inputs.map((y) => from.get(y.id));
    if (known.every((k) => k === undefined)) continue;
    if (axes.get(x.id)) {
      known.forEach((k, at) => {
        if (k === undefined) return;
        if (k === 'changed') throw new Error(`per-example gradients: a parameter is changed before "${x.op}" [${x.shape}] uses it with an example; let it meet the example first`);
        sites.push({ param: k.param, node: x, at, view: x.inputs[at]!, path: k.path, ...(k.part && { part: k.part }) });
      });
      continue;
    }
    const own = known[0];
    // A part of a part, or of a view in another shape, is no longer seen to be disjoint from others: such uses must then all be the same.
    if (views.has(x.op) && own && own !== 'changed') {
      from.set(x.id, { param: own.param, path: `${own.path}/${x.op}[${x.shape}]${JSON.stringify(x.attrs)}`, ...(x.op === 'slice' && own.path === '' ? { part: x.attrs as Site['part'] } : own.part && { part: own.part }) });
    } else from.set(x.id, 'changed');
  }
  return sites;
}

/** Whether two views of one parameter share none of its numbers. */
export const disjoint = (a: Site, b: Site): boolean => a.part !== undefined && b.part !== undefined && a.part.from.some((low, i) => low >= b.part!.to[i]! || b.part!.from[i]! >= a.part!.to[i]!);
