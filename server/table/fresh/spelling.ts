import { numberColumn, spellingOf } from '../columns';
import { cellDecimals } from '../number-infer';
import type { Column } from '../table';
import { Stream } from '../../random';

/** A way of writing that is found in fewer cells is not repeated: a number too large to be read is the source's own text. */
const fewest = 5;

/**
 * The sampled column written as the source writes: where its missing cells have several tokens (empty and NA, infinities), or its dates several formats, each
 * cell's is drawn in the source's shares, independently of everything else.
 */
export function spelledAlike(source: Column, made: Column, seed: number): Column {
  const spelling = spellingOf(source), { schema } = made;
  if (!spelling || schema.storage !== 'number' || source.schema.storage !== 'number' || (spelling.missing.length < 2 && !spelling.formats)) return made;
  const missing = new Float64Array(256), present = new Float64Array(256);
  for (let i = 0; i < source.length; i++) (source.isMissing(i) ? missing : present)[spelling.codes[i]]++;
  const stream = new Stream(`${seed} ${schema.name}`, 'spelling'), zone = Math.max(0, spelling.zones?.indexOf(schema.temporal?.zone ?? '') ?? 0);
  const drawMissing = draw(missing, stream), drawFormat = draw(present, stream), ownDecimals = schema.number?.style === 'per-cell' ? schema.number : undefined;
  const codes = Uint8Array.from({ length: made.length }, (_, i) => {
    if (made.isMissing(i)) return drawMissing();
    if (spelling.formats) return drawFormat();
    return ownDecimals ? cellDecimals(made.lexeme(i), ownDecimals) : zone;
  });
  return numberColumn(schema, made.numbers(), { ...spelling, codes });
}

/** Draws indices in the shares of `counts`; those of hardly any cells go to the most frequent one. */
function draw(counts: Float64Array, stream: Stream): () => number {
  const most = counts.indexOf(Math.max(...counts)), kept = Array.from(counts.keys()).filter((k) => k === most || counts[k] >= fewest);
  const weight = (k: number) => counts[k] + (k === most ? counts.reduce((s, n, j) => s + (kept.includes(j) ? 0 : n), 0) : 0);
  const total = kept.reduce((s, k) => s + weight(k), 0);
  return () => {
    let left = stream.uniform() * total;
    for (const k of kept) { left -= weight(k); if (left < 0) return k; }
    return most;
  };
}
