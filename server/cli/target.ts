import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../errors';
import { systemError } from '../targets/source';

/**
 * What `--target FILE` holds: `{ target, rules }` as JSON, or a target alone. Checked later, with the plan.
 * @throws UserError (usage) for a file that is not JSON
 */
export async function targetFile(path: string): Promise<{ target?: unknown; rules?: unknown }> {
  const text = await fs.readFile(path, 'utf8').catch((error: unknown) => { throw systemError(error, path, 'read'); });
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new UserError(`is no JSON: ${error instanceof Error ? error.message : String(error)}.`, { file: basename(path) }, undefined, 'usage');
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new UserError('holds no target.', { file: basename(path) }, 'It is an object with "target" and, if wanted, "rules".', 'usage');
  return 'purpose' in given ? { target: given } : (given as { target?: unknown; rules?: unknown });
}
