import { resolve } from 'node:path';
import type { Command } from 'commander';
import { nearestStore, RunStore } from '../jobs/store';
import { follow } from './follow';
import { duration, reportText, runsText } from './format';

interface Flags { json?: boolean; quiet?: boolean; debug?: boolean; in?: string }

/** `understudy runs` and what can be done to one: show, resume, repeat, delete, rename, star. */
export function addRuns(root: Command, exit: (code: number) => void, withCommon: (c: Command) => Command): void {
  const runs = root.command('runs').description('what was done here: list, show, resume, repeat, delete').addHelpText('after', `
Examples:
  $ understudy runs
  $ understudy runs show 9f3a
  $ understudy runs resume 20260131-142233-9f3a --in data/
An id may be shortened to any part that only one run has.`);
  const command = (name: string) => withCommon(runs.command(name).option('--in <folder>', 'folder whose .understudy to look in (default: the nearest from here)'));

  command('list').description('all runs, newest first (what "runs" alone does)').action(async (o: Flags) => {
    const records = await (await storeOf(o)).list();
    process.stdout.write(`${o.json ? JSON.stringify(records, null, 2) : runsText(records)}\n`);
    exit(0);
  });
  // "understudy runs --in x" would otherwise be "runs list --in x" misread: options before a subcommand belong to it.
  runs.option('--json').option('--in <folder>').action(async (o: Flags) => {
    const records = await (await storeOf(o)).list();
    process.stdout.write(`${o.json ? JSON.stringify(records, null, 2) : runsText(records)}\n`);
    exit(0);
  });

  command('show').argument('<id>').description('one run: its plan, state and figures').action(async (id: string, o: Flags, c: Command) => {
    o = { ...c.parent?.opts(), ...o };
    const store = await storeOf(o);
    const record = await store.find(id);
    const plan = await store.plan(record);
    const report = await store.report(record).catch(() => undefined);
    if (o.json) process.stdout.write(`${JSON.stringify({ ...record, plan, ...(report && { report }) }, null, 2)}\n`);
    else {
      process.stdout.write(`${runsText([record])}\n\n`);
      const facts: Array<[string, string | undefined]> = [
        ['folder', record.folder], ['source', record.source], ['synthetic', record.out], ['report', record.reportOut], ['seed', record.seed?.toString()],
        ['created', record.created], ['took', record.seconds === undefined ? undefined : duration(record.seconds)], ['device', record.device?.description],
        ['versions', Object.entries(record.versions).map(([k, v]) => `${k} ${v}`).join(', ')], ['error', record.error?.message],
      ];
      for (const [k, v] of facts) if (v) process.stdout.write(`${k.padEnd(10)} ${v}\n`);
      if (report) process.stdout.write(`\n${reportText(report)}\n`);
    }
    exit(0);
  });

  for (const verb of ['resume', 'repeat'] as const)
    command(verb).argument('<id>')
      .description(verb === 'resume' ? 'go on with a run that was cancelled, interrupted or failed' : 'do a run again: same plan and seed, same bytes')
      .action(async (id: string, o: Flags, c: Command) => {
        o = { ...c.parent?.opts(), ...o };
        const store = await storeOf(o), { privacy } = await store.find(id);
        // To standard error: what goes out on the other is for machines.
        if (privacy && !o.quiet) process.stderr.write(verb === 'repeat'
          ? `This run was made under a privacy budget (epsilon ${privacy.epsilon}): a repeat is a new release, with other noise, and is charged to the table's ledger anew.\n`
          : 'This run is under a privacy budget: it goes on with new noise, and what was lost since its last checkpoint stays charged.\n');
        exit(await follow({ json: o.json ?? false, quiet: o.quiet ?? false, debug: o.debug ?? false }, (jobs) => jobs[verb](store, id)));
      });

  command('delete').argument('<id...>').description('remove runs with everything in their folders; the tables they wrote stay').action(async (ids: string[], o: Flags, c: Command) => {
    const store = await storeOf({ ...c.parent?.opts(), ...o });
    for (const id of ids) {
      const record = await store.find(id);
      await store.remove(record);
      process.stderr.write(`deleted ${record.id}\n`);
    }
    exit(0);
  });

  command('rename').argument('<id>').argument('[name]', 'nothing takes the name away').description('give a run a name').action(async (id: string, name: string | undefined, o: Flags, c: Command) => {
    const store = await storeOf({ ...c.parent?.opts(), ...o });
    await store.label(await store.find(id), { name: name ?? '' });
    exit(0);
  });
  command('star').argument('<id>').option('--off', 'take the star away').description('mark a run').action(async (id: string, o: Flags & { off?: boolean }, c: Command) => {
    const store = await storeOf({ ...c.parent?.opts(), ...o });
    await store.label(await store.find(id), { starred: !o.off });
    exit(0);
  });
}

async function storeOf(o: Flags): Promise<RunStore> {
  if (o.in !== undefined) return new RunStore(resolve(o.in));
  return (await nearestStore(process.cwd())) ?? new RunStore(process.cwd());
}
