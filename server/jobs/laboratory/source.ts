import { basename } from 'node:path';
import { UserError } from '../../errors';
import { sha256 } from '../../targets/source';

/** @throws UserError (input) where a file's bytes are not those the plan was made for */
export async function assertHash(source: { path: string; sha256: string }): Promise<void> {
  if ((await sha256(source.path)) !== source.sha256) throw new UserError('changed since the run was begun.', { file: basename(source.path) }, 'Start a new run for the file as it is now.');
}
