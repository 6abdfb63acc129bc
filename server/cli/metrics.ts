import type { Command } from 'commander';
import pc from 'picocolors';
import { UserError } from '../errors';
import { metrics } from '../evaluation/registry';
import type { MetricInfo } from '../protocol';
import { grid, valueOf } from './format';

/** `understudy metrics`: what is measured, and what each figure means. */
export function addMetrics(root: Command, exit: (code: number) => void): void {
  root.command('metrics').argument('[id]', 'one of them: its definition, thresholds and source').description('what is measured of a synthetic table, and what each figure means').option('--json', 'print as JSON')
    .addHelpText('after', `
Examples:
  $ understudy metrics                     # all of them
  $ understudy metrics privacy.near-copies # its definition, what it needs, where good ends and why`)
    .action(async (id: string | undefined, o: { json?: boolean }) => {
      const info = id === undefined ? undefined : await named(id);
      if (id !== undefined && !info) throw new UserError(`There is no metric "${id}".`, {}, 'See "understudy metrics".', 'usage');
      const all = metrics.map((m) => m.info);
      process.stdout.write(`${o.json ? JSON.stringify(info ?? all, null, 2) : info ? metricText(info) : listText(all)}\n`);
      exit(0);
    });
}

/** By its id, or as a `.synth` file names it: what a target came to, and what a figure is called in the field, too. */
export async function named(id: string): Promise<MetricInfo | undefined> {
  const { metricName, metricNamed } = await import('../language/catalogue');
  return metricNamed(metricName(id));
}

const direction = (m: MetricInfo): string => `${m.better === 'target' ? `nearer to ${m.target ?? 0} is better` : `${m.better} is better`}, ${m.range[1] > 1e300 ? `${m.range[0]} and up` : `${m.range[0]} to ${m.range[1]}`}`;
const estimands = { file: 'these rows as they are', model: 'the fitted model, from which other rows could be drawn', refits: 'the generator, fitted again and again', 'model-held': 'the fitted model in other hands, not these rows; no part of the verdict on them' };

function listText(all: readonly MetricInfo[]): string {
  return grid(['Id', 'Name', 'Family', 'Direction', 'Needs', 'Suite'], all.map((m) => [m.id, m.name, m.family, direction(m), m.needs.join(', ') || '-', m.suite ?? 'standard']));
}

/** Everything the registry says of a metric. */
export function metricText(m: MetricInfo): string {
  return [
    pc.bold(m.name), m.definition, '',
    `id         ${m.id}`, `family     ${m.family}`, `suite      ${m.suite ?? 'standard'}`, `direction  ${direction(m)}`, `needs      ${m.needs.join(', ') || 'the two tables only'}`, `speaks of  ${estimands[m.estimand ?? 'model']}`,
    m.threshold ? `bands      good ${valueOf(m)(m.threshold.good)}, fair ${valueOf(m)(m.threshold.fair)}${m.threshold.on ? `, of the ${m.threshold.on}` : ''}. ${m.threshold.why}` : 'bands      none: shown without thresholds of its own',
    `source     ${m.paper}`,
  ].join('\n');
}
