/** The purposes: what each may be asked, and its code when it is needed. */
import type { z } from 'zod';
import type { Plan, TargetRequest } from '../protocol';
import type { Purpose } from './purpose';
import { targetSchemas } from './request';

export interface PurposeEntry { id: Plan['purpose']; name: string; summary: string; paper: string; parameters: z.ZodType; load(): Promise<Purpose> }

const entry = <R extends TargetRequest>(id: Plan['purpose'], name: string, summary: string, paper: string, load: () => Promise<Purpose<R>>): PurposeEntry =>
  ({ id, name, summary, paper, parameters: targetSchemas[id], load: load as () => Promise<Purpose> });

/** In the order of Table 1 of the statistical review. */
export const purposes: readonly PurposeEntry[] = [
  entry('release', 'Release', 'Rows from the learnt distribution, in place of the real ones; several releases let an analyst count what the learning left uncertain.', 'Rubin (1993); Raghunathan, Reiter & Rubin (2003); Reiter (2003)', async () => (await import('./conditions/release')).releasePurpose),
  entry('augmentation', 'Augmentation', 'Rows of a declared kind, so many of each, or with declared marginals: to stand beside the real ones.', 'Rubin (1988); Deming & Stephan (1940); Chawla et al. (2002)', async () => (await import('./augmentation/augmentation')).augmentation),
  entry('fairness', 'Fairness', 'Rows under which groups differ by no more than a declared gap, in the table or in what a model trained on it decides about real rows.', 'Kamiran & Calders (2012); Hardt, Price & Srebro (2016)', async () => (await import('./fairness/fairness')).fairness),
  entry('transfer', 'Transfer', 'Rows as another table would have them, with outcomes learnt from this one: by importance weights or by optimal transport.', 'Shimodaira (2000); Sugiyama, Krauledat & Mueller (2007); Cuturi (2013); Courty et al. (2017)', async () => (await import('./transfer/transfer')).transfer),
  entry('completion', 'Completion', 'What is missing given what was seen: cells filled several times over, or the rows that follow.', 'Rubin (1987); Barnard & Rubin (1999); Hoogeboom et al. (2022)', async () => (await import('./completion/completion')).completion),
];

/** @throws when there is no such purpose: requests were checked before */
export function purposeOf(id: Plan['purpose']): PurposeEntry {
  const found = purposes.find((p) => p.id === id);
  if (!found) throw new Error(`no purpose ${id}`);
  return found;
}
