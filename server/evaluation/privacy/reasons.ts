import type { View } from '../view';

/** A condition that a real row meets, in the view's numbers: a category or a discrete number (`equal`), a number or beyond (`at-least`, `at-most`), or no value. */
export interface Reason { column: number; is: 'equal' | 'at-least' | 'at-most' | 'missing'; /** real rows that meet it */ rows: number }
/** The fewest columns that tell a row from others, and how many real rows meet all of them; 1: the row alone. */
export interface Singled { reasons: Reason[]; rows: number }

const mostColumns = 8, mostCombined = 3;

/**
 * What singles a real row out: the smallest combination of at most three columns that no other real row meets; of equally small ones the one with the rarest values. Where there
 * is none, the combination that fewest rows meet. Only the row's eight rarest columns are combined.
 *
 * For categories the condition is the value; for numbers the value or beyond, on the side where fewer rows lie, or the value itself where
 * numbers repeat and it is rarer than its side. Of conditions equally rare a value says more than a side.
 */
export class Reasons {
  private readonly columns: Array<{ real: Float64Array | Int32Array; sorted?: Float64Array; counts: Map<number, number>; missing: number; code: boolean; repeats: boolean }>;
  private readonly rows: number;
  /** Which of a row's conditions each real row meets, a bit each. */
  private readonly met: Uint8Array;

  /** Over the training and control rows of the view; row i of the training table is row i here. */
  constructor(view: View) {
    this.rows = view.rows.training + view.rows.control;
    this.met = new Uint8Array(this.rows);
    this.columns = view.columns.map(c => {
      const a = c.values('training'), b = c.values('control'), real = c.type === 'code' ? new Int32Array(this.rows) : new Float64Array(this.rows), counts = new Map<number, number>();
      real.set(a); real.set(b, a.length);
      let missing = 0;
      for (const v of real) if (c.type === 'code' ? v < 0 : v !== v) missing++; else counts.set(v, (counts.get(v) ?? 0) + 1);
      const sorted = c.type === 'number' ? (real as Float64Array).filter(v => v === v).sort() : undefined;
      return { real, counts, missing, code: c.type === 'code', repeats: counts.size * 20 <= this.rows, ...(sorted && { sorted }) };
    });
  }

  of(row: number): Singled {
    const own = this.columns.map((_, j) => this.reason(j, row)).filter(r => r.rows < this.rows).sort((a, b) => a.rows - b.rows || Number(b.is === 'equal') - Number(a.is === 'equal') || a.column - b.column).slice(0, mostColumns);
    // which of them each real row meets, as bits; how many rows meet each set
    const sets = new Int32Array(1 << own.length), met = this.met.fill(0);
    own.forEach((r, k) => this.mark(r, row, 1 << k));
    for (let i = 0; i < met.length; i++) sets[met[i]]++;
    const meeting = (bits: number) => { let n = 0; for (let s = bits; s < sets.length; s++) if ((s & bits) === bits) n += sets[s]; return n; };
    let best: { bits: number; rows: number; size: number; rarity: number } | undefined;
    for (let bits = 1; bits < sets.length; bits++) {
      const chosen = own.filter((_, k) => bits & (1 << k)), size = chosen.length;
      if (size > mostCombined || (best && best.rows === 1 && size > best.size)) continue;
      const rows = meeting(bits), rarity = chosen.reduce((s, r) => s + Math.log(r.rows), 0);
      if (!best || rows < best.rows || (rows === best.rows && (size < best.size || (size === best.size && rarity < best.rarity)))) best = { bits, rows, size, rarity };
    }
    return best ? { reasons: own.filter((_, k) => best.bits & (1 << k)), rows: best.rows } : { reasons: [], rows: this.rows };
  }

  private reason(column: number, row: number): Reason {
    const { real, sorted, counts, missing, code, repeats } = this.columns[column], v = real[row];
    if (code ? v < 0 : v !== v) return { column, is: 'missing', rows: missing };
    const same = counts.get(v)!;
    if (!sorted) return { column, is: 'equal', rows: same };
    let low = 0, high = sorted.length;
    while (low < high) { const mid = (low + high) >>> 1; if (sorted[mid] < v) low = mid + 1; else high = mid; }
    const above = sorted.length - low, below = low + same, side = Math.min(above, below);
    if (repeats && same < side) return { column, is: 'equal', rows: same };
    return { column, is: above <= below ? 'at-least' : 'at-most', rows: side };
  }

  /** Sets a bit for every real row that meets what the row meets. A loop of its own for each kind: a function a row would cost five times as much. */
  private mark({ column, is }: Reason, row: number, bit: number): void {
    const { real, code } = this.columns[column], { met } = this, v = real[row], n = met.length;
    if (is === 'missing') { for (let i = 0; i < n; i++) if (code ? real[i] < 0 : real[i] !== real[i]) met[i] |= bit; }
    else if (is === 'equal') { for (let i = 0; i < n; i++) if (real[i] === v) met[i] |= bit; }
    else if (is === 'at-least') { for (let i = 0; i < n; i++) if (real[i] >= v) met[i] |= bit; }
    else for (let i = 0; i < n; i++) if (real[i] <= v) met[i] |= bit;
  }
}
