import type { Command } from 'commander';
import { promises as fs } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../errors';
import { Jobs } from '../jobs/jobs';

/** `understudy schema data.csv`: a complete, commented `.synth` for a table. */
export function addSchema(root: Command, exit: (code: number) => void): void {
  root.command('schema').argument('<file>', 'a table').description('write a complete, commented .synth for a table')
    .option('--out <file>', 'where to write it (default: to the terminal)').option('--force', 'replace a file that is there')
    .addHelpText('after', `
Examples:
  $ understudy schema orders.csv
  $ understudy schema orders.csv --out orders.synth`)
    .action(async (file: string, o: { out?: string; force?: boolean }) => {
      const jobs = new Jobs(), out = o.out === undefined ? undefined : resolve(o.out);
      try {
        const { schemaOf } = await import('../language/schema'); // the language's parser is not loaded for other commands
        const text = schemaOf(await jobs.inspect(resolve(file)), out === undefined ? process.cwd() : dirname(out), out && basename(out));
        if (out === undefined) process.stdout.write(text);
        else {
          await fs.writeFile(out, text, { flag: o.force ? 'w' : 'wx' }).catch((error: NodeJS.ErrnoException) => {
            throw error.code === 'EEXIST' ? new UserError('is there already.', { file: basename(out) }, 'Use --force to replace it.', 'usage') : new UserError(`cannot be written: ${error.code ?? error.message}.`, { file: basename(out) }, undefined, 'system');
          });
          process.stderr.write(`${o.out}\n`);
        }
        exit(0);
      } finally {
        await jobs.close();
      }
    });
}
