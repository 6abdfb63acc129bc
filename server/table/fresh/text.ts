import { fakerFrom } from './faker';
import type { RealCells } from './identifier';
import { Stream } from '../../random';

/**
 * Neutral placeholder text (lorem ipsum) about as long as the real: word counts are drawn between neighbouring deciles of the real
 * ones, the outermost cells left out, so that no single text's length is kept.
 */
export async function freshText(real: RealCells, rows: number, seed: number | string): Promise<string[]> {
  const stream = new Stream(seed, 'text'), faker = await fakerFrom(stream);
  const lengths = Float64Array.from(real.cells, (v) => v.trim().split(/\s+/).length).sort();
  const edge = Math.min(4, Math.floor((lengths.length - 1) / 2));
  const deciles = Array.from({ length: 11 }, (_, q) => lengths[Math.round(edge + (q / 10) * (lengths.length - 1 - 2 * edge))] ?? 5);
  const sentence = real.cells.length > 0 && real.cells.filter((v) => /[.!?]\s*$/.test(v)).length / real.cells.length > 0.5;
  return Array.from({ length: rows }, () => {
    const q = stream.below(10), low = deciles[q], high = deciles[q + 1];
    const words = Math.max(1, low + stream.below(high - low + 1));
    const text = faker.lorem.words(words);
    return sentence ? text[0].toUpperCase() + text.slice(1) + '.' : text;
  });
}
