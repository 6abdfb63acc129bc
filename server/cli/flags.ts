import { InvalidArgumentError } from 'commander';

/** Parsers of flags' values. */

/** A number; commander says which flag was wrong. */
export const number = (what: string, whole: boolean) => (text: string): number => {
  const n = Number(text);
  if (text.trim() === '' || !Number.isFinite(n) || (whole && !Number.isInteger(n))) throw new InvalidArgumentError(`${what} must be a ${whole ? 'whole ' : ''}number.`);
  return n;
};
/** 45, 45s, 2m, 1.5h -> seconds. */
export function seconds(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|min|h)?$/.exec(text.trim());
  if (!match) throw new InvalidArgumentError('Give seconds, or a number with s, m or h.');
  return Number(match[1]) * (match[2] === 'h' ? 3600 : match[2]?.startsWith('m') ? 60 : 1);
}
/** A flag that may be repeated. */
export const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** Generators and metrics are named `two-words` here and `two_words` in a `.synth` file; either is taken. */
export const id = (text: string): string => text.replaceAll('_', '-');
/** A setting's name as its generator has it: `batch_size` in a `.synth` file, `batch-size` here, `batchSize` in its schema. */
export const setting = (text: string): string => text.replace(/[-_]([a-z0-9])/g, (_, c: string) => c.toUpperCase());
