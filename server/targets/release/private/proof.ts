import { isChanged } from '../../../privacy/accountant/filter';
import type { Budget } from '../../../privacy/ledger/budget';
import type { Entry } from '../../../privacy/ledger/entry';
import type { Ledger } from '../../../privacy/ledger/ledger';
import { statement } from '../../../privacy/ledger/statement';
import type { Mechanism } from '../../../privacy/accountant/mechanism';
import type { LedgerLine, PrivacyReport, PrivacyRequest, PublicColumn } from '../../../protocol';
import { learnt } from './schema';

/** What was proven of everything released from a source so far, and what was declared instead of being protected. */
export function proofOf(ledger: Ledger, request: PrivacyRequest & { schema: NonNullable<PrivacyRequest['schema']> }, outcome: string | undefined): PrivacyReport {
  const budget: Budget = { epsilon: request.epsilon, delta: request.delta }, { unit } = request, entries = ledger.entries();
  const epsilon = ledger.spent(budget, unit), changed = isChanged(entries, budget), proof = changed ? 'odometer' : 'filter';
  // What a filter proves is the budget it was asked with, not the figure below it at which releases happened to stop; an odometer's reading holds as it is, and so does any budget above it.
  const proven = Math.max(epsilon, budget.epsilon);
  return {
    budget, spent: { epsilon, delta: budget.delta, proof }, unit, adjacency: 'add-remove', statement: statement({ epsilon: proven, delta: budget.delta, proof: 'pld' }, unit), lines: entries.map(lineOf),
    declared: [...declaredBy(request, outcome), ...(changed ? ['That the budget is another than that of earlier releases is not assumed away: with probability at least 1 - delta the privacy loss is at most epsilon, whatever made it be changed.'] : [])],
  };
}

/** A ledger's entry as a report shows it. */
export const lineOf = ({ run, at, purpose, mechanism, count, sensitivity, noise, cost }: Entry): LedgerLine => ({ run, at, purpose, mechanism: sayMechanism(mechanism), count, sensitivity, noise, epsilon: cost.epsilon });

const figure = (x: number): string => String(+x.toPrecision(4));

/** A mechanism in words, with its parameters. */
export function sayMechanism(m: Mechanism): string {
  switch (m.kind) {
    case 'gaussian': return `Gaussian, sigma ${figure(m.sigma)}`;
    case 'subsampled-gaussian': return `Gaussian on a Poisson sample, q ${figure(m.q)}, sigma ${figure(m.sigma)}`;
    case 'laplace': return `Laplace, scale ${figure(m.scale)}`;
    case 'discrete-gaussian': return `discrete Gaussian, sigma ${figure(m.sigma)}`;
    case 'pure': return `epsilon ${figure(m.epsilon)}`;
    case 'approximate': return m.epsilon === 0 ? `thresholds, delta ${figure(m.delta)}` : `epsilon ${figure(m.epsilon)}, delta ${figure(m.delta)}`;
  }
}

/** In plain words, everything that a request declares to be public, and so is not protected. */
export function declaredBy({ schema, publicRows, unit }: PrivacyRequest, outcome: string | undefined): string[] {
  const columns = schema?.columns ?? [], modelled = schema ? learnt(schema) : [], missing = modelled.filter((c) => c.missing !== undefined);
  const form = (c: PublicColumn) => (c.temporal ? ` as ${c.temporal.pattern}` : c.number && c.kind === 'real' && c.number.decimals < 16 ? ` with ${c.number.decimals} decimals` : '');
  return [
    `The columns, what they are and how their cells are written: ${columns.map((c) => `${c.name} (${c.kind}${form(c)})`).join(', ')}.`,
    missing.length ? `Which columns have missing cells, and how these are written: ${missing.map((c) => `${c.name} (${c.missing === '' ? 'empty' : c.missing})`).join(', ')}.` : 'That no learnt column has missing cells.',
    'The layout of the file: format, encoding, delimiter and line ends.',
    ...(publicRows !== undefined ? [`The number of ${unit === 'row' ? 'rows' : 'entities'}: ${publicRows}.`] : []),
    ...modelled.filter((c) => c.min !== undefined || c.max !== undefined).map((c) => `${c.name} lies ${c.min === undefined ? `below ${c.max}` : c.max === undefined ? `above ${c.min}` : `between ${c.min} and ${c.max}`}.`),
    ...modelled.filter((c) => c.values).map((c) => `${c.name} is one of ${c.values!.join(', ')}.`),
    ...columns.filter((c) => c.examples?.length).map((c) => `${c.name} is written like ${c.examples!.join(', ')}.`),
    ...(outcome !== undefined ? [`That ${outcome} is the outcome.`] : []),
    ...(unit === 'row' ? ['That every person or thing has one row: whoever has several is protected as one row, not as all of them.'] : [`The column that says whose the rows are: ${unit.entity}. One row of each was used.`]),
  ];
}
