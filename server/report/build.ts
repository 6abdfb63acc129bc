import { basename } from 'node:path';
import { evaluate } from '../evaluation/evaluate';
import type { Contexts, EvaluateOptions, FoldTables } from '../evaluation/options';
import { asRealRows, sayIndependent, undecidedWithoutControl } from '../evaluation/clustered';
import type { EvaluationContext } from '../evaluation/metric';
import { copiedRowsOf, type CopiedRows } from '../evaluation/privacy/copied-rows';
import { crossedDistances, distancesOf } from '../evaluation/privacy/distances';
import { exposedRowsOf } from '../evaluation/privacy/exposed-rows';
import { classifierRows } from '../evaluation/features';
import { metrics } from '../evaluation/registry';
import { fewestJudged } from '../evaluation/thresholds';
import { viewOf } from '../evaluation/view';
import type { DeviceChoice, ReportData, TableProfile } from '../protocol';
import { modelledKinds, type Table } from '../table/table';
import { pairsBeside, shapesBeside } from './beside';
import { columnReports } from './columns';
import { worstPictures } from './joint';
import { nextSteps } from './next';
import { distanceReport, pairReport } from './matrices';
import { judgedFamilies } from './families';
import { verdicts } from './verdicts';
import { count } from './words';

/** What a report is made from. Only the tables, seed and device decide the figures; the rest is said beside them. */
export interface EvaluateTables {
  /** The rows the generator was fitted on, the synthetic rows, and real rows it never saw. Same column names and storage; see targets/conform. */
  training: Table; synthetic: Table; control?: Table;
  /**
   * Columns that tell control rows apart by how the control was taken, and in a clause why ("The control consists of 20 blocks of time"). Every comparison
   * with the control leaves them out, and the notes say so. Without another column there is no comparison.
   */
  controlWithout?: { columns: readonly string[]; why: string };
  /**
   * A cross-fitted release: what each model learnt, drew and never saw. `training` is then the whole source, `synthetic` the release, and there is no `control`.
   */
  folds?: readonly FoldTables[];
  /** What the fitted model says of real rows, where it is at hand; of folds, see there. */
  likelihood?: EvaluateOptions['likelihood'];
  outcome?: { column: string; guessed?: boolean; task?: 'classification' | 'regression' };
  /** What was declared of columns and rows, and how much is computed. */
  declared?: Pick<EvaluateOptions, 'suite' | 'sensitive' | 'positive' | 'order' | 'entity' | 'keys' | 'aside' | 'rules'>;
  seed: number; device: DeviceChoice;
  progress?(fraction: number, message?: string): Promise<void>;
  /** Told where the time went. */
  log?(message: string): void;
  title?: string;
  /** Of the files; default: what the tables say, without a path. */
  source?: { path: string; rows: number; columns: number };
  syntheticFile?: { path: string; rows: number };
  controlFile?: { path?: string; how: string };
  run?: ReportData['run'];
  curve?: ReportData['training'];
  /** What `inspect` says of the source: how columns were modelled, warnings, columns left out. */
  profile?: TableProfile;
  notes?: readonly string[];
  /** ISO time of the report; default now. */
  created?: string;
  /** Told which synthetic rows copy a training row, and how exposed the training rows are, for marks on the rows themselves; the report never holds them. */
  copied?(rows: CopiedRows): void;
}

/**
 * Judges a synthetic table and assembles the report: figures, verdicts, columns worst first, pair matrices, distances, notes.
 * Columns that are not modelled in every table (identifiers, personal data, text, constants) are listed but not judged.
 */
export async function evaluateTables(input: EvaluateTables): Promise<ReportData> {
  const names = comparable(input), pick = (t: Table) => (t.columns.length === names.length && names.every((n, i) => t.columns[i].schema.name === n) ? t : t.select(names));
  const training = pick(input.training), synthetic = pick(input.synthetic), without = input.controlWithout?.columns.filter(n => names.includes(n)) ?? [];
  const control = input.control && input.control.rows > 0 && without.length < names.length ? pick(input.control) : undefined;
  const outcome = input.outcome && names.includes(input.outcome.column) ? { column: input.outcome.column, guessed: input.outcome.guessed ?? false, task: input.outcome.task ?? taskOf(training, input.outcome.column) } : undefined;
  const folded = input.folds?.map(f => ({ ...f, training: pick(f.training), synthetic: pick(f.synthetic), control: pick(f.control) }));
  let drawn: Drawn | undefined;
  const { figures: all, context, folds } = await evaluate({
    ...declaredFor(input, names),
    training, synthetic, ...(control ? { control, controlWithout: without } : {}), ...(outcome ? { outcome } : {}), ...(folded ? { folds: folded } : {}), ...(input.likelihood ? { likelihood: input.likelihood } : {}), seed: input.seed, device: input.device,
    progress: async (f, message) => input.progress?.(0.97 * f, message), ...(input.log && { log: input.log }),
    beside: async contexts => { drawn = await drawnOf(contexts, input); },
  });
  asRealRows(all, context);
  // a cross-fitted release has its controls in its folds
  if (!folds) undecidedWithoutControl(all, context);
  sayIndependent(all, context);
  const { figures, unjudged } = judgedFamilies(all);
  const { view, shapes, heat, pictures, distances, shown, copied } = drawn!, sentences = verdicts(figures, outcome);
  // what all columns together leave open is not held against one of them
  const open = figures.some(f => f.metric === 'fidelity.shapes' && f.detail?.rowsAlike !== undefined);
  const report: ReportData = {
    version: 1, title: input.title ?? `${basename(input.source?.path ?? 'Table')}: how its stand-in does`, created: input.created ?? new Date().toISOString(),
    ...(input.run ? { run: input.run } : {}),
    source: input.source ?? { path: '', rows: input.training.rows + (control?.rows ?? 0), columns: input.training.columns.length },
    synthetic: input.syntheticFile ?? { path: '', rows: synthetic.rows },
    ...(control ? { control: { ...(input.controlFile?.path ? { path: input.controlFile.path } : {}), rows: control.rows, how: input.controlFile?.how ?? 'given' } } : folds ? { control: { rows: training.rows, how: input.controlFile?.how ?? 'cross-fitted' } } : {}),
    ...(outcome ? { outcome } : {}),
    verdicts: sentences, metrics: Object.fromEntries(metrics.filter(m => figures.some(f => f.metric === m.info.id)).map(m => [m.info.id, m.info])), figures,
    columns: columnReports(view, shapes, input.profile).map(c => (synthetic.rows < fewestJudged && c.verdict ? { ...c, verdict: 'not-assessable' as const } : open && (c.verdict === 'poor' || c.verdict === 'fair') ? { ...c, verdict: 'undecided' as const } : c)),
    ...(heat ? { pairs: heat, pairPictures: pictures! } : {}), ...(shown ? { distances: distanceReport(shown) } : {}), ...(input.curve ? { training: input.curve } : {}),
    notes: [...(input.notes ?? []), ...unjudged, ...notes(context, names, input, distances), ...(folds ? [foldsNote(folds.length)] : [])],
  };
  report.next = nextSteps(report);
  if (copied) input.copied!(copied);
  await input.progress?.(1);
  return report;
}

/** What the report is drawn from besides figures. */
async function drawnOf({ context, folds }: Contexts, { copied: wanted, declared }: EvaluateTables) {
  const view = await viewOf(context), shapes = await shapesBeside(context, folds), heat = pairReport(await pairsBeside(context, folds)), pictures = heat && worstPictures(view, heat);
  const distances = await distancesOf(context).catch(() => undefined), shown = folds ? await crossedDistances(folds).catch(() => undefined) : distances;
  const copied = wanted && (await copiedRowsOf(context)), exposed = copied && (await exposedRowsOf(context, folds, (declared?.suite ?? 'standard') !== 'standard').catch(() => undefined));
  return { view, shapes, heat, pictures, distances, shown, copied: copied && { ...copied, ...(exposed && { exposed }) } };
}
type Drawn = Awaited<ReturnType<typeof drawnOf>>;

/** What was declared, of columns that are compared; order and entity come as columns of their own, whatever their kinds. */
function declaredFor({ declared, training }: EvaluateTables, names: readonly string[]): EvaluateTables['declared'] {
  if (!declared) return {};
  const { sensitive, keys, order, entity, ...rest } = declared;
  const has = (n: string | undefined): n is string => n !== undefined && (keys?.training ?? training).schema.columns.some(c => c.name === n);
  return { ...rest, ...(sensitive ? { sensitive: sensitive.filter(n => names.includes(n)) } : {}), ...(keys ? { keys } : {}), ...(has(order) ? { order } : {}), ...(has(entity) ? { entity } : {}) };
}

/** Columns of modelled kinds that every table has, stored alike; in the training table's order. Whose the rows are is no value to compare: other tables have other people. */
function comparable({ training, synthetic, control, declared }: EvaluateTables): string[] {
  const others = [synthetic, ...(control && control.rows > 0 ? [control] : [])];
  return training.schema.columns.filter(c => modelledKinds.includes(c.kind) && c.storage !== 'string' && !(declared?.keys && c.name === declared.entity)
    && others.every(t => t.schema.columns.some(o => o.name === c.name && o.storage === c.storage))).map(c => c.name);
}

/** Categories and whole numbers of few values are classes; other numbers are predicted as numbers. */
function taskOf(table: Table, name: string): 'classification' | 'regression' {
  const column = table.column(name);
  if (column.schema.storage !== 'number') return 'classification';
  if (column.schema.kind === 'integer') {
    const distinct = new Set<number>();
    for (const v of column.numbers()) if (v === v) { distinct.add(v); if (distinct.size > 10) return 'regression'; }
    return 'classification';
  }
  return 'regression';
}

/** How a cross-fitted release is judged. */
const foldsNote = (K: number) => `The table is small, so ${K} models made it, each without another part of the real rows, and every comparison with unseen rows was made ${K} times: each model's own table against the rows that this model never saw. Figures are means over these; shapes, pairs and pictures compare the released table with the whole real one.`;

/** What comparisons with a control of other times cannot tell. */
const seriesNote = 'Neighbouring rows in time resemble each other: a block of rows tells less than as many separate ones, which the intervals of the attacks on people count and those of other figures do not, as they say; and where a column drifts, the control differs from the training rows whatever the generator did. Membership figures err on the side of accusing here.';

/** What rows of few people cannot tell. */
const entityNote = (entity: string) => `Rows of one "${entity}" resemble each other, and tell less than as many of different ones: the intervals of the attacks on people count that, those of other figures do not, as they say.`;

function notes(context: EvaluationContext, names: string[], input: EvaluateTables, distances: Awaited<ReturnType<typeof distancesOf>>): string[] {
  const out: string[] = [], left = input.training.columns.length - names.length;
  if (left > 0) out.push(`${left} ${left === 1 ? 'column is' : 'columns are'} not judged: ${input.declared?.entity !== undefined ? 'what says whose rows are, ' : ''}identifiers, personal data, free text, constants, or not in every table.`);
  if (context.control && context.control.rows < 2000) out.push(`The control has ${count(context.control.rows)} rows only: every comparison with it is uncertain by chance, as the intervals say.`);
  if (distances?.sampled) out.push(`Distances are exact, but for a random part of the rows: ${count(distances.asked.synthetic)} synthetic, ${count(distances.asked.training)} training and ${count(distances.asked.control)} control rows, against ${count(distances.rows.training)} training and ${count(distances.rows.synthetic)} synthetic ones. Copies were sought among all rows.`);
  if (Math.max(context.training.rows, context.synthetic.rows) > classifierRows) out.push(`Where a figure rests on fewer rows than the tables have, as it then says, these were drawn at random, with seed ${context.seed}.`);
  const without = context.control ? context.controlWithout ?? [] : [];
  if (without.length) {
    const one = without.length === 1;
    out.push(`${input.controlWithout!.why}; the column${one ? '' : 's'} ${without.map(n => `"${n}"`).join(', ')} ${one ? 'is' : 'are'} left out of comparisons with it, because ${one ? 'its' : 'their'} values differ by construction.`);
    out.push(seriesNote);
  } else if (input.control && input.control.rows > 0 && !context.control) out.push(`${input.controlWithout!.why}, and there is no column but the time to compare with it: there is no control.`);
  if (context.control && context.entity !== undefined) out.push(entityNote(context.entity));
  if (names.length - without.length < 2) out.push('With a single column there are no pairs, and copies mean little.');
  return out;
}
