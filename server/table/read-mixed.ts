import { inferNumber } from './number-infer';
import type { Cells } from './read-cells';
import type { ReadIssue } from './read-options';
import type { Column } from './table';
import { inferTemporal } from './temporal-infer';

/** Notes why a column of words looks as if it were meant to hold numbers or dates, with the row that stands in the way; never with the cell itself, since messages travel further than data. */
export async function noteMixed(sample: readonly string[], cells: Cells, column: Column, context: { name: string; issues: ReadIssue[]; lineOf(row: number): number }): Promise<void> {
  if (sample.length < 2 || column.schema.kind === 'constant' || column.schema.kind === 'boolean') return;
  const name = context.name;
  const note = async (code: ReadIssue['code'], text: string, message: (row: number) => string) => {
    const row = context.lineOf(await cells.firstRowOf(text));
    context.issues.push({ code, column: name, row, message: message(row) });
  };
  const some = [...new Set(sample)].slice(0, 2000);
  if (some.every(t => /^-?[1-9]\d{15,}$/.test(t) || /^-?\d{1,15}$/.test(t)) && some.some(t => /^-?[1-9]\d{15,}$/.test(t))) {
    await note('big-integers', some.find(t => t.length > 15)!, row => `Whole numbers of 16 digits or more (row ${row}) are kept as text: as numbers they would lose digits.`);
    return;
  }
  const patterns = new Map<string, string>();
  let dates = 0;
  for (const t of some) { const guess = inferTemporal([t]); if (guess) { dates++; if (!patterns.has(guess.format.pattern)) patterns.set(guess.format.pattern, t); } }
  if (dates >= some.length * 0.8) {
    const [first, second] = [...patterns];
    if (second) await note('mixed-dates', second[1], row => `Dates are written in several formats: ${first[0]}, but ${second[0]} in row ${row}. The column is kept as it is, not as dates; write them all in one format to have them learnt.`);
    else { const odd = some.find(t => !inferTemporal([t])); if (odd !== undefined) await note('mixed-types', odd, row => `The cell in row ${row} is not a date, as most others are. The column is kept as text.`); }
    return;
  }
  const odd = some.filter(t => !inferNumber([t]));
  const numbers = some.length - odd.length;
  if (odd.length && numbers >= odd.length) await note('mixed-types', odd[0], row => `Numbers and words are mixed: the cell in row ${row} is not a number. The column is kept as ${column.schema.kind === 'category' ? 'categories' : 'text'}.`);
  else if (!odd.length && numbers) await note('mixed-types', some[0], row => `Its numbers are written in several ways (as in row ${row}), so they are kept as ${column.schema.kind === 'category' ? 'categories' : 'text'}.`);
}
