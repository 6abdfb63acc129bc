import { resolve } from 'node:path';
import type { z } from 'zod';
import type { evaluateRequest } from '../plan/request';
import type { compiled } from './run';
import { targetFile } from './target';

type Declared = Pick<z.input<typeof evaluateRequest>, 'rules' | 'columns' | 'outcome' | 'sensitive' | 'positive' | 'order' | 'entity' | 'holdout'>;

/**
 * What `--rules FILE` says of the table that is judged: the rules of a `.synth` file with its columns, outcome, sensitive ones, order and entity (those of its first target's source), or
 * JSON with "rules".
 * @throws UserError (usage) for a file with errors, or without a target
 */
export async function declaredIn(file: string, using?: Parameters<typeof compiled>[2]): Promise<Declared> {
  if (!/\.synth$/i.test(file)) {
    const { rules } = await targetFile(resolve(file));
    return { rules: rules ?? [] };
  }
  const run = await import('./run'), { targets: [[, { request, declared }]], refused } = await run.compiled(file, undefined, using);
  // Which rules are meant is not guessed.
  if (refused[0]) throw refused[0].error;
  const { columns, outcome, sensitive, positive, order, entity, holdout } = request;
  return Object.fromEntries(Object.entries({ rules: declared.rules ?? [], columns, outcome, sensitive, positive, order, entity, holdout }).filter(([, v]) => v !== undefined));
}
