import { UserError } from '../../errors';
import { automatic } from '../../generators/auto';
import { checkPrivacy, defaultDelta } from '../../plan/privacy';
import { epsilonOf, leftOf, slackFor, worth } from '../../privacy/accountant/filter';
import { Ledger } from '../../privacy/ledger/ledger';
import type { ExploreRequest, PrivacyWish, SweepBudget, SweepPoint } from '../../protocol';

/** Budgets beyond this promise nothing (ledger/budget.ts), and mechanisms that may fail with less than this cannot be shown to be what they are (accountant/worth.ts). */
const mostEpsilon = 100, leastSlack = 1e-12;

/** Releases as the filter sees them. */
type Released = Parameters<typeof worth>[0];

/**
 * What a sweep under a privacy budget costs, settled before its first fit. Every run is charged to the table's ledger; all are held against one total, fixed beforehand, so that they add up by the
 * filter's sum (a total raised from run to run would pay the odometer's toll each time, and a run told "epsilon 3 in all" would get what earlier ones left of it). A run takes no more than its own part: the point's epsilon where epsilon
 * is swept, else an equal one, so that the first points do not starve the last.
 * @returns undefined for a sweep without a budget
 * @throws UserError (usage) that says what the sweep costs in all, where nothing or too little was granted for it; BudgetExhausted
 */
export function sweepBudget(r: Pick<ExploreRequest, 'privacy' | 'generator'>, sweep: { knob: string; points: readonly SweepPoint[]; seeds: number }, table: { source: string; ledgers: string }): SweepBudget | undefined {
  const { knob, points, seeds } = sweep, swept = knob === 'epsilon', wish = r.privacy;
  if (!swept && !wish) return undefined;
  const runs = points.length * seeds, ledger = new Ledger(table.ledgers, table.source), released = ledger.entries() as Released, delta = wish?.delta ?? (wish?.publicRows !== undefined ? defaultDelta(wish.publicRows) : released.find(e => e.budget)?.budget?.delta);
  if (delta === undefined) throw asking(`A sweep under a privacy budget is ${runs} releases, all charged to the table's ledger, and needs a delta below 1 / the number of rows to say what they cost.`);
  if (slackFor.nearly(runsOf(released) + runs, 4, delta) < leastSlack) throw new UserError(`${runs} runs are more than delta ${delta} can be shared out to.`, {}, 'Sweep fewer points, or run each with fewer --seeds.', 'usage');
  const before = released.length ? epsilonOf(worth(released, delta), delta) : 0;
  const own = swept ? points.map(p => p.epsilon!) : [], planned = own.reduce((s, e) => s + seeds * precision(e, delta), 0);
  const grants = (epsilon: number) => leftOf(released, { epsilon, delta }).precision;
  if (wish?.epsilon === undefined) {
    const total = swept ? least(grants, planned) : undefined;
    throw asking(swept ? `This sweep is ${runs} releases (${own.map(e => `${seeds > 1 ? `${seeds} x ` : ''}${e}`).join(', ')}), all charged to the table's ledger: ${costs(total, delta, before)}` : `This sweep is ${runs} releases under one privacy budget, and none was given.`, total, delta);
  }
  const { epsilon } = wish, request = { ...wish, epsilon, delta } satisfies PrivacyWish;
  for (const g of new Set(points.map(p => p.generator ?? r.generator ?? automatic.id))) checkPrivacy(request, { generator: g, ...table });
  const left = grants(epsilon);
  if (swept && planned > left * (1 + 1e-9)) {
    const total = least(grants, planned);
    throw asking(`The budget of epsilon ${epsilon} is too small for this sweep of ${runs} releases: ${costs(total, delta, before)}`, total, delta);
  }
  const equal = epsilonOf({ precision: left / runs }, delta);
  return { wish: request, before, runs, own: swept ? own : points.map(() => equal), total: swept ? epsilonOf({ precision: worth(released, delta).precision + planned }, delta) : epsilon };
}

/** The most precision that a run of its own epsilon has. */
const precision = (epsilon: number, delta: number): number => leftOf([], { epsilon, delta }).precision;

/** Runs that released something. */
const runsOf = (released: Released): number => new Set(released.map(e => e.run)).size;

/** The least total, to two decimals upward, that leaves so much; undefined where none does. */
function least(grants: (epsilon: number) => number, needed: number): number | undefined {
  if (!(grants(mostEpsilon) >= needed)) return undefined;
  let low = 0, high = mostEpsilon;
  while (high - low > 1e-4) { const mid = (low + high) / 2; if (grants(mid) >= needed) high = mid; else low = mid; }
  return Math.ceil(high * 100 - 1e-9) / 100;
}

const costs = (total: number | undefined, delta: number, before: number): string =>
  `together${before > 0 ? `, with what was released before (epsilon ${shown(before)}),` : ''} they cost ${total === undefined ? `more than epsilon ${mostEpsilon}` : `epsilon ${total}`} at delta ${delta}.`;
const shown = (x: number): number => Math.ceil(x * 100 - 1e-9) / 100;

const asking = (what: string, total?: number, delta?: number): UserError => new UserError(`${what} Nothing was fitted.`, {},
  total === undefined && delta !== undefined ? 'Sweep fewer points or smaller ones, or run each with fewer --seeds.'
    : `Grant it with --epsilon ${total ?? 'TOTAL'} --delta ${delta ?? '1e-6'} and say what the columns are (--declare-schema, or --public-schema FILE); or sweep fewer points, or with fewer --seeds.`, 'usage');
