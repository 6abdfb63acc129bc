import { UserError } from '../../errors';
import { chooseGenerator, factsOf, type Choice } from '../../generators/auto';
import type { Generator } from '../../generators/generator';
import { findGenerator } from '../../generators/registry';
import type { Plan } from '../../protocol';
import type { Table } from '../../table/table';

/** A generator with its settings, and why it was chosen where it was not named. */
export interface Loaded { generator: Generator; parameters: Record<string, unknown>; choice?: Choice }

/** A generator by its name. @throws UserError (usage) when there is none, or its settings cannot be */
export async function loaded(id: string, parameters: Record<string, unknown>): Promise<Loaded> {
  const entry = findGenerator(id);
  if (!entry) throw new UserError(`There is no generator "${id}".`, {}, 'See "understudy generators".', 'usage');
  const generator = await entry.load();
  return { generator, parameters: checkedParameters(generator, id, parameters) };
}
/** What `auto` comes to for this table. @throws UserError (usage) when settings were given, which are some generator's own */
export async function chosen(plan: Plan, modelled: Table): Promise<Loaded> {
  if (Object.keys(plan.generator.parameters).length > 0) throw new UserError('The generator is chosen automatically, and settings are a generator\'s own.', {}, 'Name one with --generator, or leave --param out.', 'usage');
  const choice = chooseGenerator(factsOf(modelled, plan.budgetSeconds));
  return { ...(await loaded(choice.id, {})), choice };
}

function checkedParameters(generator: Generator, id: string, given: Record<string, unknown>): Record<string, unknown> {
  const result = generator.parameters.safeParse(given);
  if (result.success) return result.data as Record<string, unknown>;
  const issue = result.error.issues[0]!;
  const known = Object.keys(generator.parameters.shape).join(', ');
  const message = issue.code === 'unrecognized_keys'
    ? `The generator ${id} has no setting ${issue.keys.map((k) => `"${k}"`).join(', ')}.`
    : `The setting "${issue.path.join('.')}" of the generator ${id} cannot be ${JSON.stringify(issue.path.reduce((v: unknown, k) => (v as Record<PropertyKey, unknown> | undefined)?.[k], given))}: ${issue.message.replace(/^Too (big|small): expected \w+ to be/, 'it must be')}.`;
  throw new UserError(message, {}, `Its settings are ${known || 'none'}.`, 'usage');
}

