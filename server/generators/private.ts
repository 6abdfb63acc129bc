/** Generators that keep a guarantee of differential privacy. */
import { UserError } from '../errors';
import type { Choice } from './auto';
import type { GeneratorEntry } from './generator';
import { findGenerator, generators } from './registry';

export const privateGenerators = (): readonly GeneratorEntry[] => generators.filter((g) => g.capabilities.differentialPrivacy);

/** @throws UserError (usage) naming those that can, for a generator that cannot keep a guarantee. */
export function assertPrivate(id: string): void {
  const entry = findGenerator(id);
  if (!entry || entry.capabilities.differentialPrivacy) return;
  const can = privateGenerators().map((g) => g.id);
  throw new UserError(`The generator ${id} cannot keep a privacy budget: what it learns depends on single rows without bound.`, {}, `Choose ${can.length > 1 ? `${can.slice(0, -1).join(', ')} or ${can.at(-1)}` : can[0]}, or auto, or leave --epsilon out.`, 'usage');
}

/** `auto` under a budget: by what is declared alone, since a choice made by looking would have to be charged. @param columns how many are learnt */
export function choosePrivate(columns: number): Choice {
  const can = privateGenerators().map((g) => g.id), first = can.find((id) => id === 'autoregressive');
  if (columns === 1 || first === undefined) return { id: 'independent', why: columns === 1 ? 'One column: there is no relation to learn, and all of the budget goes to its own distribution.' : 'It is the only one here that keeps a privacy budget.' };
  return { id: first, why: 'Under a privacy budget the choice may not look at the table: the default, which learns relations by noised gradients.' };
}
