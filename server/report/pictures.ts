import type { ColumnPicture } from '../protocol';
import { numberWriter } from '../table/number-format';
import { temporalWriter } from '../table/temporal-format';
import type { ColumnSchema } from '../table/table';
import { quantile, rank } from '../evaluation/statistics';
import type { CodeView, ColumnView, NumberView, Part } from '../evaluation/view';

const mostBins = 32, mostBars = 20;

/** The small picture of a column: shares in the real (training), synthetic and control rows over common bins or bars. */
export function picture(column: ColumnView, hasControl: boolean): ColumnPicture {
  return column.type === 'number' ? histogram(column, hasControl) : bars(column, hasControl);
}

/**
 * How a value of a numeric or temporal column is written in its file; rounded to about `step` where the format leaves that open.
 */
export function writerOf(schema: ColumnSchema, step = 0): (x: number) => string {
  if (schema.temporal && (schema.kind === 'date' || schema.kind === 'time' || schema.kind === 'datetime')) return temporalWriter(schema.kind, schema.temporal);
  const digits = step > 0 ? Math.max(0, Math.min(12, 1 - Math.floor(Math.log10(step)))) : 12;
  if (schema.number) {
    const write = numberWriter(schema.number), decimals = Math.min(schema.number.decimals, digits);
    return x => write(Number(x.toFixed(Math.min(20, decimals))));
  }
  return x => String(Number(x.toFixed(digits)));
}

function histogram(column: NumberView, hasControl: boolean): ColumnPicture {
  const parts: Part[] = ['training', 'synthetic', ...(hasControl ? ['control' as const] : [])];
  const all = parts.map(p => column.sorted(p)).filter(s => s.length > 0);
  if (all.length === 0) return { type: 'none', why: 'No row has a value.' };
  const edges = edgesOf(column, all), missing = (p: Part) => (column.values(p).length ? 1 - column.sorted(p).length / column.values(p).length : 0);
  const shares = (p: Part) => {
    const s = column.sorted(p), n = column.values(p).length || 1, out: number[] = [];
    let below = 0;
    for (let k = 1; k < edges.length; k++) {
      // bins hold their lower edge; the last one holds the upper too
      const to = k === edges.length - 1 ? s.length : rank(s, edges[k], false);
      out.push((to - below) / n); below = to;
    }
    return out;
  };
  const write = writerOf(column.schema, edges[2] - edges[1] || edges[1] - edges[0]);
  return {
    type: 'histogram', edges, edgeLabels: edges.map(write), real: shares('training'), synthetic: shares('synthetic'), ...(hasControl ? { holdout: shares('control') } : {}),
    missing: { real: missing('training'), synthetic: missing('synthetic'), ...(hasControl ? { holdout: missing('control') } : {}) },
  };
}

/**
 * Edges of at most 32 bins of one width between the 0.5% and 99.5% quantiles of all tables (a lone giant value would otherwise put everything into one bin), with a
 * wider bin on each side where values lie beyond. Integers and dates get whole-numbered widths.
 */
function edgesOf(column: NumberView, all: Float64Array[]): number[] {
  const low = Math.min(...all.map(s => s[0])), high = Math.max(...all.map(s => s[s.length - 1]));
  if (low === high) return [low, low + 1];
  let from = Math.min(...all.map(s => quantile(s, 0.005))), to = Math.max(...all.map(s => quantile(s, 0.995)));
  if (high - low <= 3 * (to - from)) { from = low; to = high; }
  if (from === to) { from = low; to = high; }
  const whole = column.kind === 'integer' || column.kind === 'date';
  let width = (to - from) / mostBins;
  if (whole) {
    // a bin holds whole numbers, so its upper edge is one more than the last
    width = Math.max(1, Math.ceil((to - from + 1) / mostBins));
    from = Math.floor(from);
    to += 1;
  }
  const edges: number[] = [], bins = Math.min(mostBins, Math.max(1, Math.ceil((to - from) / width - 1e-9)));
  for (let k = 0; k <= bins; k++) edges.push(k === bins && !whole ? to : from + k * width);
  if (low < edges[0]) edges.unshift(low);
  const top = whole ? high + 1 : high;
  if (top > edges[edges.length - 1]) edges.push(top);
  return edges;
}

function bars(column: CodeView, hasControl: boolean): ColumnPicture {
  const rows = (p: Part) => column.values(p).length || 1, counts = { training: column.counts('training'), synthetic: column.counts('synthetic'), control: column.counts('control') };
  const weight = (k: number) => counts.training[k] / rows('training') + counts.synthetic[k] / rows('synthetic');
  let order = Array.from(column.categories.keys()).filter(k => counts.training[k] + counts.synthetic[k] + (counts.control[k] ?? 0) > 0);
  if (order.length === 0) return { type: 'none', why: 'No row has a value.' };
  const declared = column.schema.order;
  order.sort((a, b) => weight(b) - weight(a) || (column.categories[a] < column.categories[b] ? -1 : 1));
  const shown = order.length > mostBars + 1 ? order.slice(0, mostBars) : order, rest = order.slice(shown.length);
  if (declared) { const at = new Map(declared.map((c, i) => [c, i])); order = shown; order.sort((a, b) => (at.get(column.categories[a]) ?? 1e9) - (at.get(column.categories[b]) ?? 1e9)); }
  const shares = (p: Part) => [...shown.map(k => (counts[p][k] ?? 0) / rows(p)), ...(rest.length ? [rest.reduce((s, k) => s + (counts[p][k] ?? 0), 0) / rows(p)] : [])];
  const missing = (p: Part) => (column.values(p).length ? 1 - counts[p].reduce((s, c) => s + c, 0) / column.values(p).length : 0);
  return {
    type: 'bars', labels: [...shown.map(k => column.categories[k]), ...(rest.length ? [`${rest.length.toLocaleString('en')} others`] : [])],
    real: shares('training'), synthetic: shares('synthetic'), ...(hasControl ? { holdout: shares('control') } : {}),
    missing: { real: missing('training'), synthetic: missing('synthetic'), ...(hasControl ? { holdout: missing('control') } : {}) },
  };
}
