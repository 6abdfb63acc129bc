/** Contexts' parts from what is declared and noised. */
import type { PrivateEncoding } from '../blocks/private/encoding';
import type { PrivateFit } from '../generator';
import type { Part } from './contexts';

/** The parts of contexts by declared columns: released categories, and numbers between edges of their noised marginals of about equal noisy mass. No row is read. */
export function privateParts(encoding: PrivateEncoding, columns: readonly string[], known: PrivateFit['columns'], bins: number): Part[] {
  return columns.map((column): Part => {
    const feature = encoding.features.categories.findIndex((f) => f.column === column), own = known[column]!, f = encoding.features.categories[feature]!;
    if (own.type === 'category') return { column, feature, size: f.size, labels: f.categories!.map((c) => (c < 0 ? 'missing' : encoding.features.dictionary(column)![c]!)) };
    const total = own.shares.reduce((a, b) => a + b, 0), edges: number[] = [];
    let sum = 0;
    own.shares.forEach((s, i) => { const before = Math.floor((sum / total) * bins); sum += s; if (i + 1 < own.shares.length && Math.floor((sum / total) * bins + 1e-9) > before && edges.length < bins - 1) edges.push(own.edges[i + 1]!); });
    const missing = own.missing > 0, text = (e: number): string => String(+e.toPrecision(4)), labels = edges.length ? [`below ${text(edges[0]!)}`, ...edges.slice(1).map((e, i) => `${text(edges[i]!)} to ${text(e)}`), `from ${text(edges.at(-1)!)}`] : ['any'];
    return { column, edges, missing, size: labels.length + Number(missing), labels: missing ? [...labels, 'missing'] : labels };
  });
}
