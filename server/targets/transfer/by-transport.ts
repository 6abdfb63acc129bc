/** Transfer by optimal transport: source rows moved onto the target table are what the generator learns; and with them, where target rows have labels, these rows. */
import { UserError } from '../../errors';
import type { TargetRequest } from '../../protocol';
import { Stream } from '../../random';
import { sampleTable } from '../../table/columns';
import { learnRules } from '../../table/rules/rules';
import { splitTable } from '../../table/split';
import type { Table } from '../../table/table';
import { drawWhere } from '../conditions/draw';
import { portion } from '../conditions/release';
import { samplingFigures } from '../figures';
import type { Before, Ready } from '../purpose';
import type { Parts } from '../release/parts';
import { favourableCode } from './assumption';
import { distance } from './distance';
import { outcomesOf } from './outcome';
import { chooseSetting, labelledRows, likeLabels, withLabelled } from './setting';
import { mostTransported, plainSetting, transport } from './transport';

type Request = Extract<TargetRequest, { purpose: 'transfer' }>;

/** @throws UserError where labels kept aside are predicted worse after moving than before, by more than chance */
export async function byTransport(request: Request, { plan, source, parts, rules, log, progress }: Before, target: Table, columns: string[], outcome: string): Promise<Ready> {
  await progress(0.1, 'moving rows to the target');
  const all = sampleTable(parts.training, mostTransported, plan.seed, 'source rows'), to = sampleTable(target, mostTransported, plan.seed, 'target rows'), code = request.labels === 'some' ? favourableCode(all, outcome) : undefined;
  const chosen = code && (await chooseSetting(all, to, columns, code, plan.seed, (f) => progress(0.1 + 0.4 * f)));
  if (chosen && chosen.gain.high < 0) throw new UserError(`Moving rows does not help here: on ${chosen.labels} target labels kept aside, a model trained on moved rows has log loss ${chosen.moved.toFixed(3)}, one trained on the source as it is ${chosen.source.toFixed(3)} (difference ${span(chosen.gain)}).`, { column: outcome }, 'Learn from the source as it is, or from the target\'s own rows.');
  const from = code ? all.take(likeLabels(code(all), code(to), new Stream(plan.seed, 'classes'))) : all, setting = chosen?.setting ?? plainSetting;
  const moved = await transport(from, to, columns, { seed: plan.seed, setting, ...(code && { labels: { source: code(from), target: code(to) } }), progress: () => progress(0.6) });
  const labelled = code ? labelledRows(code(to)) : new Int32Array(0), learnt = labelled.length > 0 ? withLabelled(moved.table, to, labelled) : moved.table;
  log(`optimal transport: epsilon ${moved.epsilon.toPrecision(2)} of the median cost, mass of a row spread over ${moved.spread.toFixed(0)} target rows, labels count ${setting.labels}`);
  const split = splitTable(learnt, { seed: plan.seed, holdoutGiven: true, duplicates: 'apart', time: false, outcome }), rows = plan.rows ?? source.rows;
  const own: Parts = { fits: [{ fit: learnt.take(split.fit), validation: learnt.take(split.validation) }], training: learnt, trainingRows: Int32Array.from({ length: learnt.rows }, (_, i) => i), how: 'none: the real rows of the source follow another distribution than the result' };
  // A rule on the outcome holds in the rows as the generator drew them: then they stay so.
  const outcomes = learnRules(rules, source).learnt.some((r) => r.columns.includes(outcome)) ? undefined : await outcomesOf(learnt, columns, outcome, Float64Array.from({ length: learnt.rows }, (_, i) => (i < moved.table.rows ? 1 : (chosen?.weight ?? 1))), plan.seed);
  return {
    releases: 1, proper: false, parts: own,
    async draw(model, share, { seed, progress: drawn }) {
      const n = portion(rows, share), { table, how } = await drawWhere(model, {}, n, { seed, progress: drawn });
      return { table: outcomes ? await outcomes.draw(table, new Stream(seed, 'outcome').uint32()) : table, facts: [{ name: 'All rows', rows: n, how }] };
    },
    async conclude({ synthetic, facts }) {
      const out = samplingFigures(facts);
      return {
        figures: [await distance(synthetic, target, parts.training, columns, plan.seed), ...out.figures],
        notes: [
          `${from.rows} source rows were moved onto the target table by entropic optimal transport (epsilon ${moved.epsilon.toPrecision(2)} of the median cost; a row's mass lies on ${moved.spread.toFixed(0)} target rows at the median, so that no target row is repeated), keeping their outcomes${labelled.length > 0 ? `, which were first given the frequency they have among ${labelled.length} labelled target rows; the generator learnt the moved rows and, under value protection, these` : '; the generator learnt the moved rows'}. Fidelity compares with these.`,
          chosen ? `How rows were moved was chosen by ${chosen.labels} target labels kept aside in turn: labels ${setting.labels > 0 ? 'count in the cost' : 'do not count in the cost'}, and a labelled target row counts ${chosen.weight === 1 ? 'as much as' : `${chosen.weight} times as much as`} a moved one where outcomes are learnt. A model trained on what is learnt has log loss ${chosen.moved.toFixed(3)} on them, one trained on the source as it is ${chosen.source.toFixed(3)} (gain ${span(chosen.gain)}${chosen.gain.low > 0 ? '' : ': undecided'}).`
            : request.labels === 'some' ? 'Too few target labels to see whether moving helps to predict the outcome.' : 'No target label was given: that outcomes moved along with the columns, and are as frequent there as in the source, is presumed and cannot be seen.',
          ...(outcomes ? [`Columns are as the generator drew them; outcomes were drawn given these, by ${outcomes.kind === 'logistic' ? 'logistic regression' : 'boosted trees'} fitted to the rows that it learnt.`] : []),
          ...out.notes,
        ],
      };
    },
  };
}
const span = (g: { value: number; low: number; high: number }): string => `${g.value.toFixed(3)}, 95% interval ${g.low.toFixed(3)} to ${g.high.toFixed(3)}`;
