/** The report that may be published of a release under a privacy budget: what was declared, what was noised and charged, what was drawn from the model, and nothing else. */
import { basename } from 'node:path';
import type { PrivateColumn } from '../generators/generator';
import type { ColumnReport, PrivacyReport, ReportData } from '../protocol';
import type { Column, Table } from '../table/table';
import type { Domain, DomainColumn } from '../targets/release/private/domain';
import { severalPrivately } from '../targets/release/several';

export interface Publishable { domain: Domain; proof: PrivacyReport; synthetic: Table; source: { path: string; columns: number }; out: string; /** Every table, where several were drawn; the first is `out`. */ outs?: readonly string[]; rows: number; generator: string; versions: Record<string, string> }

/** Bins of a histogram, and bars, that a picture shows at most. */
const mostBins = 40, mostBars = 60;

/**
 * The real table is not among the arguments. No date but the day, no duration and no run's name: they are no part of what was released.
 * @param made the synthetic table's learnt columns, in the released domain
 */
export function publishable({ domain, proof, synthetic, source, out, outs, rows, generator, versions }: Publishable): ReportData {
  return {
    version: 1, audience: 'publishable', title: `${outs ? `${basename(out)} to ${basename(outs.at(-1)!)}` : basename(out)}: made under differential privacy`, created: `${new Date().toISOString().slice(0, 10)}T00:00:00.000Z`,
    source: { path: basename(source.path), rows: domain.rows, columns: source.columns }, synthetic: { path: basename(out), rows },
    verdicts: [], metrics: {}, figures: [], columns: domain.columns.map((d, i) => columnOf(d, synthetic.column(d.schema.name), i)), privacyProof: withoutRuns(proof),
    notes: [
      ...(outs ? [`${severalPrivately(outs.length)} The tables are ${outs.map((o) => basename(o)).join(', ')}, of ${rows} rows each; pictures are of the first.`] : []),
      `${outs ? 'Each' : 'The'} table was drawn from the generator ${generator}. Where this report says "real" it means the real table's counts with noise of ${domain.noise.sigma.toPrecision(3)} rows on each, which the ledger lists, made into shares; the number of rows is ${proof.declared.some((d) => d.startsWith('The number of')) ? 'declared' : 'noised too'}.`,
      'How well the synthetic table serves a purpose is not said here: to compare it with the real one would be one more release. Try the purpose itself, and compare between seeds.',
      `Made with ${Object.entries(versions).map(([k, v]) => `${k} ${v}`).join(', ')}.`,
    ],
  };
}

/** Runs by their order and charges by their day. */
function withoutRuns(proof: PrivacyReport): PrivacyReport {
  const runs = [...new Set(proof.lines.map((l) => l.run))];
  return { ...proof, lines: proof.lines.map((l) => ({ ...l, run: `run ${runs.indexOf(l.run) + 1}`, at: `${l.at.slice(0, 10)}T00:00:00.000Z` })) };
}

function columnOf(d: DomainColumn, made: Column, position: number): ColumnReport {
  const { name, kind } = d.schema;
  return {
    name, kind, position, score: null, findings: [], warnings: [],
    modelledAs: d.column.type === 'number' ? `${d.column.shares.length} bins from ${lexeme(made, d.column.min)} to ${lexeme(made, d.column.max)}` : `${d.categories!.length} ${d.categories!.length === 1 ? 'category' : 'categories'}${d.other === undefined ? '' : `, "${d.other}" for all others`}`,
    picture: d.column.type === 'number' ? histogram(d.column, made) : bars(d, d.column, made),
  };
}

/** A value as the file writes it; times as they are, where the column has no row to write with. */
function lexeme(column: Column, value: number): string {
  const { temporal, kind } = column.schema;
  if (!temporal) return String(+value.toPrecision(12));
  const iso = new Date(kind === 'date' ? value * 86_400_000 : value).toISOString();
  return kind === 'date' ? iso.slice(0, 10) : kind === 'time' ? iso.slice(11, 19) : iso.slice(0, 19).replace('T', ' ');
}

function histogram(c: Extract<PrivateColumn, { type: 'number' }>, made: Column): ColumnReport['picture'] {
  const first = c.edges[0]!, span = c.edges.at(-1)! - first, bins = Math.max(1, Math.min(mostBins, c.shares.length)), width = span / bins;
  const edges = Array.from({ length: bins + 1 }, (_, i) => first + i * width), real = new Array<number>(bins).fill(0), synthetic = new Array<number>(bins).fill(0);
  // A bin's share over the pictured bins that it reaches into, by width.
  c.shares.forEach((share, i) => {
    const low = c.edges[i]!, high = c.edges[i + 1]!;
    for (let b = Math.max(0, Math.floor((low - first) / width)); b < bins && edges[b]! < high; b++) {
      const part = high > low ? Math.max(0, Math.min(high, edges[b + 1]!) - Math.max(low, edges[b]!)) / (high - low) : 1;
      real[b]! += share * part;
    }
  });
  const values = made.numbers();
  for (const v of values) if (!Number.isNaN(v)) synthetic[Math.min(bins - 1, Math.max(0, Math.floor((v - first) / width)))]! += 1 / values.length;
  return { type: 'histogram', edges, ...(made.schema.temporal && { edgeLabels: edges.map((e) => lexeme(made, e)) }), real, synthetic, missing: { real: c.missing, synthetic: made.missingCount / Math.max(1, made.length) } };
}

function bars(d: DomainColumn, c: Extract<PrivateColumn, { type: 'category' }>, made: Column): ColumnReport['picture'] {
  const names = d.categories!, counts = new Map<string, number>(), own = made.categories();
  for (const code of made.codes()) if (code >= 0) counts.set(own[code]!, (counts.get(own[code]!) ?? 0) + 1 / made.length);
  const shown = names.map((label, i) => ({ label, real: c.shares[i]!, synthetic: counts.get(label) ?? 0 })).sort((a, b) => b.real - a.real).slice(0, mostBars);
  return { type: 'bars', labels: shown.map((s) => s.label), real: shown.map((s) => s.real), synthetic: shown.map((s) => s.synthetic), missing: { real: c.shares.at(-1)!, synthetic: made.missingCount / Math.max(1, made.length) } };
}
