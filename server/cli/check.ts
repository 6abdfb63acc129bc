import type { Command } from 'commander';
import { promises as fs } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import pc from 'picocolors';
import { exitCodes } from '../errors';
import type { ExpectationResult, LanguageProblem, TargetResult } from '../protocol';
import { compileAll, runTargets, withLanguage, type Compiled } from './run';

/** Exit codes of `check`, beside those of every command: an expectation is missed; none is, but not every one is met. */
export const checkCodes = { missed: 6, open: 7 } as const;

interface CheckFlags { json?: boolean; quiet?: boolean; debug?: boolean; run?: boolean; junit?: string; force?: boolean; in?: string; device?: string }

/** `understudy check plan.synth`: whether the file makes sense, and whether what it expects was met. */
export function addCheck(root: Command, exit: (code: number) => void, withCommon: (c: Command) => Command): void {
  withCommon(root.command('check').argument('<file>', 'a .synth file'))
    .description('whether a .synth file makes sense, and whether what it expects was met')
    .option('--run', 'run targets first that were not run as they are declared now')
    .option('--junit <file>', 'write the results as JUnit XML')
    .option('--force', 'with --run: replace files that are not ours')
    .option('--in <folder>', 'with --run: folder whose .understudy keeps the runs')
    .option('--device <name>', 'with --run: where to compute')
    .addHelpText('after', `
Examples:
  $ understudy check plan.synth
  $ understudy check plan.synth --run --junit results.xml

Exit codes: 0 all expectations are met; ${checkCodes.missed} one is missed; ${checkCodes.open} none is missed, but one is undecided, stale, or was never run; 2 the file has errors.`)
    .action(async (file: string, o: CheckFlags) => {
      const path = resolve(file);
      let ran = 0, refused: Compiled['refused'] = [];
      if (o.run) {
        const compiled = await withLanguage(async (language) => {
          const document = await language.open(path), due = (await language.results(document)).filter((t) => t.expectations.length && t.file === path && (!t.run || t.stale)).map((t) => t.target);
          return compileAll(due, (target) => language.compile(document, target), true);
        }), { targets } = compiled;
        ({ refused } = compiled);
        const quiet = o.quiet ?? o.json ?? false;
        ran = await runTargets(targets, { json: false, quiet, debug: o.debug ?? false, untold: true }, o, targets.length > 1 && !quiet);
        if (ran === exitCodes.cancelled) return exit(ran);
      }
      const { targets, problems } = await withLanguage(async (language) => {
        const document = await language.open(path);
        return { problems: await language.problems(document), targets: await language.results(document) };
      });
      // Of a target with a mistake the problems tell; of one that cannot be run for another reason nothing else would.
      for (const { target, error } of refused) if (!problems.some((p) => p.message === error.message)) problems.push({ severity: 'error', message: `The target ${target} was not run: ${error.message}`, line: (error.place?.row ?? 1) - 1, character: (error.place?.character ?? 1) - 1, file: error.place?.file ?? path });
      if (o.junit !== undefined) await fs.writeFile(resolve(o.junit), junit(basename(path), targets, problems));
      process.stdout.write(o.json ? `${JSON.stringify({ targets, problems: problems.filter((p) => !p.code?.startsWith('expectation')) }, null, 2)}\n` : checkText(file, targets, problems, o.quiet ?? false));
      exit(codeOf(targets, problems, ran));
    });
}

/** @param ran what running the targets ended with: one that could not be made is worse than one that misses */
function codeOf(targets: readonly TargetResult[], problems: readonly LanguageProblem[], ran: number): number {
  if (problems.some((p) => p.severity === 'error')) return exitCodes.usage;
  if (ran !== 0) return ran;
  const states = targets.flatMap((t) => t.expectations.map((e) => e.state));
  return states.includes('missed') ? checkCodes.missed : states.some((s) => s !== 'met') ? checkCodes.open : 0;
}

const marks: Record<ExpectationResult['state'], string> = { met: pc.green('met      '), missed: pc.red('missed   '), undecided: pc.yellow('undecided'), unknown: pc.dim('unknown  ') };
const round = (x: number): string => String(Number(x.toPrecision(4)));
/** What was measured, with its interval. */
const measured = (e: ExpectationResult): string => (e.value === undefined ? '' : `${round(e.value)}${e.low !== undefined && e.high !== undefined ? ` (${round(e.low)} to ${round(e.high)})` : ''}`);

function checkText(file: string, targets: readonly TargetResult[], problems: readonly LanguageProblem[], quiet: boolean): string {
  const lines: string[] = [];
  // What expectations say stands below, target by target.
  for (const p of problems) if (!p.code?.startsWith('expectation') && (!quiet || p.severity === 'error')) lines.push(`${p.file === undefined || p.file === resolve(file) ? file : relative('', p.file)}:${p.line + 1}:${p.character + 1}: ${p.severity === 'error' ? pc.red('error') : p.severity === 'warning' ? pc.yellow('warning') : p.severity}: ${p.message}`);
  for (const t of targets) {
    if (t.expectations.length === 0 && quiet) continue;
    const run = t.run ? `run ${t.run.id}, attempt ${t.attempts}${t.stale ? `, stale: ${t.stale}` : ''}` : 'never run';
    lines.push(`${t.purpose} ${pc.bold(t.target)} (${run})`);
    for (const e of t.expectations) lines.push(`  ${marks[e.state]} ${e.text.replace(/\s+/g, ' ')}${e.value === undefined ? '' : `: ${measured(e)}`}${e.why && e.state !== 'met' ? pc.dim(` ${e.why}`) : ''}${e.columns?.length ? pc.dim(` Worst: ${e.columns.slice(0, 3).map((c) => `${c.name} ${round(c.value)}`).join(', ')}.`) : ''}`);
  }
  return lines.length ? `${lines.join('\n')}\n` : '';
}

const xml = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '');

/** JUnit XML, a suite per target: what was missed failed, what the data cannot tell or was not run is skipped. Errors of the file are a suite of their own. */
export function junit(file: string, targets: readonly TargetResult[], problems: readonly LanguageProblem[]): string {
  const errors = problems.filter((p) => p.severity === 'error'), all = targets.flatMap((t) => t.expectations);
  const suites = targets.filter((t) => t.expectations.length > 0).map((t) => {
    const count = (s: ExpectationResult['state']) => t.expectations.filter((e) => e.state === s).length;
    const cases = t.expectations.map((e) => {
      const name = xml(e.text.replace(/\s+/g, ' ')), head = `    <testcase classname="${xml(`${file}.${t.target}`)}" name="${name}"`;
      if (e.state === 'met') return `${head}/>`;
      const says = xml([`measured ${measured(e) || 'nothing'}`, e.why ?? '', e.columns?.length ? `worst: ${e.columns.map((c) => `${c.name} ${round(c.value)}`).join(', ')}` : ''].filter(Boolean).join('; '));
      return `${head}>\n      <${e.state === 'missed' ? 'failure' : 'skipped'} message="${says}"/>\n    </testcase>`;
    });
    return `  <testsuite name="${xml(t.target)}" tests="${t.expectations.length}" failures="${count('missed')}" skipped="${count('undecided') + count('unknown')}">\n${cases.join('\n')}\n  </testsuite>`;
  });
  if (errors.length) suites.unshift(`  <testsuite name="${xml(file)}" tests="${errors.length}" errors="${errors.length}">\n${errors.map((p) => `    <testcase classname="${xml(file)}" name="line ${p.line + 1}">\n      <error message="${xml(p.message)}"/>\n    </testcase>`).join('\n')}\n  </testsuite>`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="${all.length + errors.length}" failures="${all.filter((e) => e.state === 'missed').length}" errors="${errors.length}">\n${suites.join('\n')}\n</testsuites>\n`;
}
