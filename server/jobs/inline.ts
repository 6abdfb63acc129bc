import { join } from 'node:path';
import type { CopiedRows } from '../evaluation/privacy/copied-rows';
import type { ColumnPicture, FileMark, InlineReport, PairReport, Plan, ReportData, TableProfile } from '../protocol';
import { writeWhole } from '../targets/files';
import { fileState, sha256 } from '../targets/source';
import { encodeExposure } from './exposure';
import { framed, unframed } from './framed';
import { files } from './store';

/** A file as it is now. @throws UserError (system) when it cannot be read. */
export async function markOf(path: string, hash?: string): Promise<FileMark> {
  const { bytes, modifiedMs } = await fileState(path);
  return { path, bytes, modifiedMs, sha256: hash ?? (await sha256(path)) };
}

/** The files a run rests on beside its source, as they are now; one that is not there has no mark. */
export async function otherMarks({ holdout, target }: Pick<Plan, 'holdout' | 'target'>): Promise<FileMark[]> {
  const paths = [holdout?.path, ...(target?.purpose === 'augmentation' ? (target.like ?? []).map((l) => l.path) : target?.purpose === 'transfer' ? [target.to] : [])];
  return (await Promise.all([...new Set(paths)].map((path) => (path === undefined ? undefined : markOf(path).catch(() => undefined))))).filter((m) => m !== undefined);
}

/**
 * Writes what the editor shows on the tables themselves: `inline.json`, the report without what makes it large, `copies.bin`, the
 * copied rows, and `exposure.bin`, how exposed the real rows are. A wide table's report takes longer to parse than an editor should wait.
 * @param sourceRows the source's row of each training row; default: the same
 */
export async function writeInline(folder: string, report: ReportData, marks: { real: FileMark; synthetic: FileMark; others?: FileMark[] }, profile: TableProfile | undefined, copied?: CopiedRows, sourceRows?: Int32Array): Promise<void> {
  const inline: InlineReport = {
    version: 1,
    real: { path: marks.real.path, bytes: marks.real.bytes, modifiedMs: marks.real.modifiedMs, sha256: marks.real.sha256 }, synthetic: marks.synthetic, ...(marks.others?.length && { others: marks.others }),
    ...(profile?.dialect && { delimiter: profile.dialect.delimiter, header: profile.dialect.header }),
    created: report.created, rows: { real: report.source.rows, synthetic: report.synthetic.rows, ...(report.control && { control: report.control.rows }) },
    verdicts: report.verdicts, figures: report.figures,
    columns: report.columns.map((c) => ({ ...c, picture: small(c.picture), ...(report.pairs && weakest(report.pairs, c.name)) })),
    ...(copied && { copies: countCopies(copied) }), ...(copied?.exposed && { exposed: { shown: copied.exposed.most.length, chance: copied.exposed.chance, every: copied.exposed.every, how: copied.exposed.how } }), ...(report.training?.note && { trainingNote: report.training.note }),
  };
  if (copied) await writeWhole(join(folder, files.copies), encodeCopies(copied, sourceRows));
  if (copied?.exposed) await writeWhole(join(folder, files.exposure), encodeExposure(copied.exposed, sourceRows));
  await writeWhole(join(folder, files.inline), JSON.stringify(inline));
}

/** A picture as a hover draws it: without the holdout, with as many digits as can be seen. */
function small(p: ColumnPicture): ColumnPicture {
  if (p.type === 'none') return p;
  const short = (shares: number[]) => shares.map((s) => Number(s.toPrecision(4)));
  const { holdout: _h, ...missing } = p.missing, series = { real: short(p.real), synthetic: short(p.synthetic), missing };
  return p.type === 'bars' ? { type: p.type, labels: p.labels, ...series } : { type: p.type, edges: p.edges.map((e) => Number(e.toPrecision(12))), ...(p.edgeLabels && { edgeLabels: p.edgeLabels }), ...series };
}

/** The pair of a column that is kept worst. */
function weakest(pairs: PairReport, name: string): { weakest?: { column: string; score: number } } {
  const n = pairs.columns.length, i = pairs.columns.indexOf(name);
  let found: { column: string; score: number } | undefined;
  for (let j = 0; i >= 0 && j < n; j++) {
    const score = i === j ? null : pairs.score[i * n + j];
    if (score !== null && score !== undefined && (!found || score < found.score)) found = { column: pairs.columns[j], score };
  }
  return found ? { weakest: found } : {};
}

function countCopies({ differs, common }: CopiedRows): NonNullable<InlineReport['copies']> {
  const exact = differs.reduce((n, d) => n + Number(d < 0), 0);
  return { exact, near: differs.length - exact, common };
}

/** The copied rows of a run, ascending: synthetic row, the source's row (both from 0), and the index of the one column that differs (-1: none). */
export interface StoredCopies { row: Uint32Array; of: Uint32Array; differs: Int16Array; columns: string[] }

const magic = 'UCP1';

/**
 * Framed: a header, then uint32 rows, uint32 source rows, int16 columns.
 * Ten bytes a row: a table with a hundred thousand copies takes a megabyte.
 */
export function encodeCopies(copied: Omit<CopiedRows, 'common' | 'exposed'>, sourceRows?: ArrayLike<number>): Uint8Array {
  const { row, differs, columns } = copied, of = sourceRows ? copied.of.map((r) => sourceRows[r]) : copied.of;
  const { out, body } = framed(magic, { rows: row.length, columns }, 10 * row.length);
  let at = body;
  for (const values of [row, of]) for (const v of values) at = out.writeUInt32LE(v, at);
  for (const v of differs) at = out.writeInt16LE(v, at);
  return out;
}

/** @returns undefined for bytes that are not those of `encodeCopies`. */
export function decodeCopies(bytes: Uint8Array): StoredCopies | undefined {
  try {
    const read = unframed<{ rows: number; columns: string[] }>(magic, bytes);
    if (!read) return undefined;
    const { header: { rows, columns }, data, body: start } = read;
    if (data.length !== start + 10 * rows) return undefined;
    const words = (from: number) => Uint32Array.from({ length: rows }, (_, i) => data.readUInt32LE(from + 4 * i));
    return { row: words(start), of: words(start + 4 * rows), differs: Int16Array.from({ length: rows }, (_, i) => data.readInt16LE(start + 8 * rows + 2 * i)), columns };
  } catch {
    return undefined;
  }
}
