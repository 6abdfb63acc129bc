/**
 * Sums of per-example gradients, each clipped, from one backward pass.
 *
 * The program is the ordinary one. Autodiff is asked for dL/dy at the places where parameters meet examples (sites.ts), whose rows are the examples' own because no
 * operation mixes examples (axes.ts, which refuses those that do); norms, factors and weighted sums follow from factors (uses.ts). No gradient of a single example is
 * ever made, and no second pass.
 */
import { add, div, grad, less, maximum, minimum, mul, reshape, sqrt, stopGradient, sum, where, type Expr } from '../../engine';
import { exampleAxes } from './axes';
import { disjoint, sitesOf, type Site } from './sites';
import { usesOf, type Tapped } from './uses';

/** Parameters that are clipped together. Every parameter is in exactly one group. */
export interface ClipGroup { name: string; params: readonly string[]; /** L2 bound of one example's gradient over them */ clip: number }

export interface Clipped {
  /** Sum over the batch of mask_i min(1, C / norm_i) dL_i/dp, group by group: the parameter's shape. */
  sums: Record<string, Expr>;
  /** Squared norm of every example's gradient in every group, by the group's name: [B]. Never understated. */
  squared: Record<string, Expr>;
  /** 1 where all of an example's norms are finite, else 0: [B]. A row of 0 must be taken out of the batch: 0 times what is no number is no number. */
  finite: Expr;
}

/** What rounding may have taken from a norm, relatively: factors are made for a clip smaller by it. */
const margin = 2 ** -10;
/** Squares beyond it are taken as not finite. */
const largest = 1e37;

/**
 * @param losses [B]: the loss of each example, a function of that example alone
 * @param examples inputs that hold the batch, with the axis that counts examples; all others are taken as public
 * @param mask [B], 1 for a row of the batch and 0 for padding
 * @throws ExamplesMixed, naming the operation, when a loss depends on other examples; Error when a parameter is used in a way whose per-example gradient is not known
 */
export function clippedSums(losses: Expr, params: Record<string, Expr>, examples: ReadonlyMap<Expr, number>, groups: readonly ClipGroup[], mask: Expr): Clipped {
  const [batch] = losses.shape;
  if (losses.shape.length !== 1 || batch === undefined || batch < 2) throw new Error(`clippedSums: losses [${losses.shape}]; one for each of at least two examples is wanted`);
  checkGroups(params, groups);
  const axes = exampleAxes([losses], examples, batch), own = axes.get(losses.id);
  if (own && (own.axis !== 0 || own.outer !== 1 || own.inner !== 1)) throw new Error('clippedSums: the losses are not in the order of the examples');
  const sites = sitesOf([losses], params, axes), taps = [...new Set(sites.map((s) => s.node))];
  const gradients = new Map(grad(sum(losses), taps).map((g, i) => [taps[i]!.id, g]));
  const byParam = new Map<string, Array<{ view: Expr; uses: ReturnType<typeof usesOf> }>>();
  for (const [name, list] of clusters(sites)) {
    byParam.set(name, list.map((cluster) => ({
      view: cluster[0]!.view, uses: usesOf(cluster.map((s): Tapped => ({ ...s, gradient: gradients.get(s.node.id)!, axis: axes.get(s.node.id)! })), batch),
    })));
  }
  const zero = mul(mask, 0), squared: Record<string, Expr> = {}, factor: Record<string, Expr> = {};
  let finite: Expr | undefined;
  for (const { name, params: members, clip } of groups) {
    const parts = members.flatMap((p) => (byParam.get(p) ?? []).map(({ uses }) => reshape(uses.squared, [batch])));
    const s = squared[name] = parts.reduce((a, b) => add(a, b), zero);
    const length = sqrt(maximum(s, 1e-30)), small = less(s, largest);
    factor[name] = mul(where(small, minimum(div(clip * (1 - margin), length), 1), 0), mask);
    const one = where(small, add(zero, 1), 0);
    finite = finite ? mul(finite, one) : one;
  }
  const sums = Object.fromEntries(Object.entries(params).map(([name, p]) => {
    const group = groups.find((g) => g.params.includes(name))!;
    // What a view of the parameter got goes where the view took its numbers from.
    const parts = (byParam.get(name) ?? []).map(({ view, uses }) => (view === p ? uses.weighted(factor[group.name]!) : grad(sum(mul(view, stopGradient(uses.weighted(factor[group.name]!)))), [p])[0]!));
    return [name, parts.length ? parts.reduce((a, b) => add(a, b)) : mul(p, 0)];
  }));
  return { sums, squared, finite: finite! };
}

/** Sites of every parameter by view. Different views must share no number, or cross terms would be missed. */
function clusters(sites: readonly Site[]): Map<string, Site[][]> {
  const out = new Map<string, Site[][]>();
  for (const site of sites) {
    const list = out.get(site.param) ?? [], same = list.find((c) => c[0]!.path === site.path);
    if (!same && list.some((c) => !disjoint(c[0]!, site))) throw new Error(`per-example gradients: "${site.param}" is used in two shapes (${list[0]![0]!.view.shape} and ${site.view.shape}) that may overlap`);
    if (same) same.push(site); else list.push([site]);
    out.set(site.param, list);
  }
  return out;
}

function checkGroups(params: Record<string, Expr>, groups: readonly ClipGroup[]): void {
  const named = groups.flatMap((g) => g.params);
  for (const name of Object.keys(params)) if (named.filter((n) => n === name).length !== 1) throw new Error(`clippedSums: "${name}" is in ${named.filter((n) => n === name).length} groups`);
  for (const name of named) if (!params[name]) throw new Error(`clippedSums: there is no parameter "${name}"`);
  for (const g of groups) if (!(Number.isFinite(g.clip) && g.clip > 0)) throw new Error(`clippedSums: group "${g.name}" is clipped to ${g.clip}`);
}
