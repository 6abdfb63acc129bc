/**
 * What a privacy budget rests on beside epsilon, asked for in a terminal as the editor's wizard asks for it: whether the number of rows is public, and that it is public what the columns are. Only a person can declare; where
 * nobody is there to be asked, the flags must say it.
 */
import { createInterface } from 'node:readline/promises';
import { cancelled, UserError } from '../errors';
import { assertPrivate } from '../generators/private';
import { defaultDelta } from '../plan/privacy';
import { checkBudget } from '../privacy/ledger/budget';
import type { TableProfile } from '../protocol';
import { count, safe } from './format';
import type { PrivacyFlags } from './privacy';

/** The table that is asked about. */
export interface Asked {
  /** As it was named. */
  file: string;
  generator?: string;
  /** The delta of earlier releases from it: theirs holds for all. */
  delta?: number;
  profile(): Promise<TableProfile>;
}
/** A terminal. */
export interface Terminal { say(text: string): void; /** @returns what was typed; undefined at the end of input or Ctrl-C */ ask(question: string): Promise<string | undefined> }

/** Whether anything is left to ask. */
export const open = (o: PrivacyFlags): boolean => o.epsilon !== undefined && !((o.delta !== undefined || o.publicRows !== undefined) && (o.declareSchema || o.publicSchema !== undefined));

const most = 60;
/** The usual delta, and a smaller one where a table is so large that it would promise nothing. It tells no more of the number of rows than that. */
const hiddenDelta = (rows: number): number => [1e-6, 1e-8].find((d) => d < 1 / rows) ?? 1e-9;

/**
 * The flags with what was answered.
 * @throws UserError (usage) for a budget or generator that no answer could mend, before anything is asked; (cancelled) where nothing is declared
 */
export async function agree<T extends PrivacyFlags>(o: T, { file, generator, delta, profile }: Asked, { say, ask }: Terminal): Promise<T> {
  if (!open(o)) return o;
  checkBudget({ epsilon: o.epsilon!, delta: o.delta ?? delta ?? 1e-6 }, o.publicRows ?? 2);
  if (generator !== undefined) assertPrivate(generator);
  const { rows, columns } = await profile(), answers: T = { ...o }, flags: string[] = [];
  const yes = async (question: string): Promise<boolean> => {
    for (;;) {
      const typed = (await ask(`${question} [y/n] `))?.trim().toLowerCase();
      if (typed === undefined) throw cancelled();
      if (['y', 'yes'].includes(typed)) return true;
      if (['n', 'no'].includes(typed)) return false;
    }
  };
  if (o.delta === undefined && o.publicRows === undefined && delta !== undefined) {
    answers.delta = delta;
    say(`delta ${delta}, as for what was released from ${safe(file)} before`);
    flags.push(`--delta ${delta}`);
  } else if (o.delta === undefined && o.publicRows === undefined) {
    if (await yes(`May it be known that ${safe(file)} has ${count(rows)} rows? Yes: delta is ${defaultDelta(rows)}. No: delta is ${hiddenDelta(rows)}, and a noised number of rows is used and charged.`)) {
      answers.publicRows = rows;
      flags.push(`--public-rows ${rows}`);
    } else {
      answers.delta = hiddenDelta(rows);
      flags.push(`--delta ${answers.delta}`);
    }
  }
  if (!o.declareSchema && o.publicSchema === undefined) {
    say([
      `Under a privacy budget it must be public what the ${columns.length === 1 ? 'column is' : `${count(columns.length)} columns are`}, as taken from the file:`,
      `  ${columns.slice(0, most).map((c) => `${safe(c.name)} (${c.personal ?? c.kind}${c.missing ? ', with missing cells' : ''})`).join(', ')}${columns.length > most ? ` and ${count(columns.length - most)} more` : ''}`,
      'Declared public are names, kinds, decimals, formats, missing-value tokens and the file\'s layout. Values, ends, categories and shares are not: they are noised and charged, unless --public names them.',
    ].join('\n'));
    if (!await yes('Declare that public?')) throw new UserError('Nothing was declared public, and nothing was run.', {}, '"understudy privacy schema FILE" writes what would be declared, to change it and give it as --public-schema.', 'cancelled');
    answers.declareSchema = true;
    flags.push('--declare-schema');
  }
  say(`Next time, without questions: ${flags.join(' ')}`);
  return answers;
}

/** The terminal that stderr and stdin are; undefined where nobody sits at it. */
export function terminal(): Terminal | undefined {
  const { stdin, stderr } = process;
  if (!stdin.isTTY || !stderr.isTTY) return undefined;
  return {
    say: (text) => void stderr.write(`${text}\n`),
    ask(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      return new Promise<string | undefined>((done) => {
        lines.on('SIGINT', () => lines.close());
        lines.on('close', () => done(undefined));
        void lines.question(question).then(done, () => done(undefined)).finally(() => lines.close());
      });
    },
  };
}
