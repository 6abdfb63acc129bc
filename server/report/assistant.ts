/**
 * What an assistant is told: schema and figures, nothing that stands in a cell. A language model's provider is someone else's machine; what the user has
 * not agreed to pass on must not be in the answer, whatever field it might hide in (notes quote values, findings name them, errors cite cells).
 */
import { basename } from 'node:path';
import type { ReportData, RunForAssistant, RunRecord, TableForAssistant, TableProfile } from '../protocol';
import { familyLabel, familyOf } from './families';
import { figureName } from './words';

/** Columns of a report that are listed; the rest score better. */
const mostColumns = 50;

/** @param values the user agreed to pass on values of this table, this once. Personal data never are. */
export function tableForAssistant(profile: TableProfile, values = false): TableForAssistant {
  return {
    file: basename(profile.path), rows: profile.rows,
    columns: profile.columns.map((c) => ({
      name: c.name, kind: c.kind, ...(c.personal && { personal: c.personal }), missing: c.missing, distinct: c.distinct, warnings: [...new Set(c.warnings.map((w) => w.code))],
      ...(values && !hidden(c) && { values: { ...(c.min !== undefined && { min: c.min }), ...(c.max !== undefined && { max: c.max }), ...(c.mean !== undefined && { mean: c.mean }), ...(c.sd !== undefined && { sd: c.sd }), ...(c.top && { top: c.top }) } }),
    })),
    ...(profile.outcome && { outcome: profile.outcome.column }), ...(profile.estimate && { estimatedSeconds: Math.round(profile.estimate.seconds) }),
    note: values ? 'Values are passed on because the user agreed to it for this question. Identifiers, free text and personal data are left out.' : 'Schema and counts only: no value of the table is in this answer.',
  };
}
const hidden = (c: TableProfile['columns'][number]): boolean => c.personal !== undefined || c.kind === 'personal' || c.kind === 'identifier' || c.kind === 'text';

/** A run, and its report where it has one. */
export function runForAssistant(run: RunRecord, report?: ReportData): RunForAssistant {
  return {
    id: run.id, state: run.state, kind: run.kind, ...(run.seconds !== undefined && { seconds: Math.round(run.seconds) }), ...(run.out && { out: run.out }), ...(run.reportOut && { report: run.reportOut }),
    ...(run.generator && { generator: run.generator }), ...(run.seed !== undefined && { seed: run.seed }), ...(run.rows !== undefined && { rows: run.rows }),
    ...(run.error && { error: tellable(run.error) }),
    verdicts: (report?.verdicts ?? run.verdicts ?? []).map((v) => ({ family: v.family, verdict: v.verdict, sentence: sentenceWithoutValues(v, report) })),
    figures: (report?.figures ?? []).map((f) => ({
      metric: f.metric, name: figureName(report!, f), better: report!.metrics[f.metric]?.better ?? 'higher', value: f.value, ...(f.interval && { interval: f.interval }),
      ...(f.reference && { reference: { label: f.reference.label, value: f.reference.value } }), verdict: f.verdict, samples: f.samples,
    })),
    columns: (report?.columns ?? []).slice(0, mostColumns).map((c) => ({ name: c.name, kind: c.kind, score: c.score, ...(c.verdict && { verdict: c.verdict }) })),
    note: 'Figures of the whole table; no value of it is in this answer. They were measured on real rows: pass them on only to those who may know them.',
  };
}

/**
 * The sentences of fidelity, utility and privacy hold figures and names of columns. Those of other families name what is worst, which may be a group ("sex Female") or
 * a rule with a number of the table in it, and one that says why nothing was judged may quote a value: these are said again by the names of their metrics.
 */
function sentenceWithoutValues({ family, verdict, sentence }: ReportData['verdicts'][number], report?: ReportData): string {
  if (['fidelity', 'utility', 'privacy'].includes(family) && verdict !== 'not-assessable') return sentence;
  const short = (report?.figures ?? []).filter((f) => familyOf(f) === family && f.verdict === verdict && f.value !== null).map((f) => report!.metrics[f.metric]?.name ?? f.metric);
  return `${familyLabel[family]}: ${verdict === 'not-assessable' ? 'not assessable' : verdict}.${verdict !== 'good' && short.length > 0 ? ` By ${short.join(', ')}.` : ''}`;
}

/** What is wrong with a table's content may quote it; that stays with the user. */
function tellable({ code, message, hint }: NonNullable<RunRecord['error']>): string {
  if (code === 'input') return 'The table could not be used as it is. What is wrong, and where, is in the run\'s log, for the user; it may quote cells and is not repeated here.';
  return [message, hint].filter(Boolean).join(' ');
}
