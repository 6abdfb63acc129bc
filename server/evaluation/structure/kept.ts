import { wilson } from '../../learners/metrics';
import type { Figure } from '../../protocol';
import type { Table } from '../../table/table';
import { worstFirst } from '../detail';
import { fidelityVerdict } from '../fidelity/verdict';
import type { EvaluationContext } from '../metric';
import { notAssessable } from '../privacy/leak';
import { controlTables } from '../view';

/** Something that can be asked of every row of a table: 1 it holds, 0 it is broken, -1 it does not apply (a cell it needs is missing). */
export interface Asked { name: string; of(table: Table): Int8Array }

/**
 * The share of synthetic rows that break none of some rules, of those that any applies to, with Wilson's interval (rows are independent draws from the model); per rule the
 * share of rows that keep it. Control rows in the synthetic rows' place stand beside it: what real rows break is no fault of the generator.
 * @param none why there is nothing to ask
 */
export function keptFigure(context: EvaluationContext, id: string, rules: readonly Asked[], threshold: { good: number; fair: number }, none: string, extra: Partial<Figure> = {}): Figure {
  const { synthetic, control } = controlTables(context);
  if (rules.length === 0) return notAssessable(id, none, { synthetic: synthetic.rows });
  const made = keptBy(rules, context.synthetic), real = control && keptBy(rules, context.control!);
  if (made.asked === 0) return notAssessable(id, 'No synthetic row has the cells that the rules need.', { synthetic: synthetic.rows });
  const value = made.kept / made.asked, reference = real && real.asked > 0 ? real.kept / real.asked : undefined, interval = wilson(made.kept, made.asked);
  return {
    metric: id, value, interval: { ...interval, method: 'Wilson' }, samples: { synthetic: made.asked, ...(real ? { control: real.asked } : {}), rules: rules.length },
    // no worse than real rows, as far as can be told, is good
    verdict: reference !== undefined && interval.high >= reference && fidelityVerdict(reference, threshold) !== 'good' ? 'good' : fidelityVerdict(value, threshold),
    ...(reference !== undefined ? { reference: { label: 'control rows', value: reference } } : {}),
    columns: worstFirst(made.each, 'higher'), ...extra,
  };
}

function keptBy(rules: readonly Asked[], table: Table): { kept: number; asked: number; each: Array<[string, number]> } {
  const state = new Int8Array(table.rows).fill(-1), each = rules.map((rule): [string, number] => {
    const answers = rule.of(table);
    let kept = 0, broken = 0;
    answers.forEach((a, i) => {
      if (a === 1) { kept++; if (state[i] === -1) state[i] = 1; }
      if (a === 0) { broken++; state[i] = 0; }
    });
    return [rule.name, kept / (kept + broken)];
  });
  let kept = 0, asked = 0;
  for (const s of state) { if (s >= 0) asked++; if (s === 1) kept++; }
  return { kept, asked, each };
}
