/**
 * Cells that may not be drawn together, kept by construction: while a column is drawn, codes that no allowed combination with the columns drawn before it could contain have no chance. The law of the columns drawn first is left as it was learnt.
 * Only for columns whose every code is one value (categories, numbers of few values), and few enough combinations to be listed; else the caller's check of whole rows is all there is.
 */
import { add, constant, gather, reshape, type Expr } from '../../engine';
import { codeColumn, makeTable, numberColumn } from '../../table/columns';
import type { Table, TableSchema } from '../../table/table';
import type { Together } from '../generator';
import type { Layout } from './layout';

/** Most combinations that are listed. */
const mostCombinations = 200_000;
/** What is added to the logit of a code that must not be drawn. */
const forbidden = -1e4;

/** Allowed combinations of some columns' leaves, the last column running fastest. */
export interface Mask { /** places in the layout, in the order in which they are drawn */ columns: number[]; leaves: number[]; allowed: Uint8Array }

/** @param layout with the order in which columns are drawn; those of a mask that are not in it come last and are not drawn */
export function masksOf(layout: Layout, schema: TableSchema, together: readonly Together[]): Mask[] {
  const place = new Map(layout.columns.map((c, i) => [c.name, i])), order = new Map([...layout.order].map((c, k) => [c, k]));
  return together.flatMap((t): Mask[] => {
    const columns = t.columns.map((name) => place.get(name) ?? -1);
    if (columns.some((c) => c < 0 || layout.columns[c]!.numbers?.some((n) => !('value' in n)))) return [];
    columns.sort((a, b) => (order.get(a) ?? Infinity) - (order.get(b) ?? Infinity) || a - b);
    const leaves = columns.map((c) => layout.columns[c]!.leaves), all = leaves.reduce((a, b) => a * b, 1);
    return all > mostCombinations ? [] : [{ columns, leaves, allowed: t.allows(combinations(layout, schema, columns, leaves, all)) }];
  });
}

/** A row for every combination of the columns' leaves. */
function combinations(layout: Layout, schema: TableSchema, columns: readonly number[], leaves: readonly number[], rows: number): Table {
  let below = rows;
  return makeTable(schema.dialect, columns.map((c, k) => {
    const codes = layout.columns[c]!, own = schema.columns.find((s) => s.name === codes.name)!;
    below /= leaves[k]!;
    const step = below, leafAt = (row: number): number => Math.floor(row / step) % leaves[k]!;
    if (codes.storage === 'code') return codeColumn(own, Int32Array.from({ length: rows }, (_, r) => (leafAt(r) === codes.missing ? -1 : codes.category![leafAt(r)]!)), codes.categories!);
    return numberColumn(own, Float64Array.from({ length: rows }, (_, r) => (leafAt(r) === codes.missing ? NaN : (codes.numbers![leafAt(r)] as { value: number }).value)));
  }), rows);
}

/** Whether a leaf may follow what was drawn before it: [combinations of the columns before, leaves of the k-th column]. */
export function feasible({ leaves, allowed }: Mask, k: number): Uint8Array {
  const before = leaves.slice(0, k + 1).reduce((a, b) => a * b, 1), after = allowed.length / before, out = new Uint8Array(before);
  for (let i = 0; i < allowed.length; i++) if (allowed[i]) out[Math.floor(i / after)] = 1;
  return out;
}

/** What to add to a column's logits in each row: to the coarse ones [rows, coarse], and to the fine ones, given the coarse code drawn [1, rows]. */
export interface Penalty { coarse: Expr; fine(coarse: Expr): Expr }

/** @param leafOf the leaves drawn before, or known, of a column: int32 [rows] */
export function penaltiesOf(masks: readonly Mask[], layout: Layout, column: number, rows: number, leafOf: (column: number) => Expr): Penalty[] {
  return masks.flatMap((mask): Penalty[] => {
    const k = mask.columns.indexOf(column);
    if (k < 0) return [];
    const codes = layout.columns[column]!, may = feasible(mask, k), before = may.length / codes.leaves, coarse = new Float32Array(before * codes.coarse).fill(forbidden), fine = new Float32Array(before * codes.coarse * codes.maxFine).fill(forbidden);
    if (may.every((ok) => ok === 1)) return [];
    for (let p = 0; p < before; p++) for (let leaf = 0; leaf < codes.leaves; leaf++) if (may[p * codes.leaves + leaf]) {
      const c = codes.coarseOf[leaf]!;
      coarse[p * codes.coarse + c] = 0;
      fine[(p * codes.coarse + c) * codes.maxFine + leaf - codes.first[c]!] = 0;
    }
    // Which combination the columns before have: their leaves by their strides.
    let stride = before, prefix: Expr = constant(new Int32Array(rows));
    for (const [j, earlier] of mask.columns.slice(0, k).entries()) {
      stride /= mask.leaves[j]!;
      prefix = add(prefix, gather(constant(Int32Array.from({ length: mask.leaves[j]! }, (_, l) => l * stride)), leafOf(earlier)));
    }
    const blocks = constant(Int32Array.from({ length: before }, (_, p) => p * codes.coarse));
    return [{ coarse: gather(constant(coarse, [before, codes.coarse]), prefix), fine: (drawn) => gather(constant(fine, [before * codes.coarse, codes.maxFine]), add(reshape(gather(blocks, prefix), [1, rows]), drawn)) }];
  });
}
