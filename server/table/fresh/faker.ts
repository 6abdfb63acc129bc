import type { Faker } from '@faker-js/faker';
import type { Stream } from '../../random';

export type { Faker };

/**
 * A faker that draws from our stream. Loaded on first use, and only its English data (the package's root would bring every
 * language). The published instance is shared by everyone in the process, so a private one is built from its data.
 */
export async function fakerFrom(stream: Stream): Promise<Faker> {
  const { faker } = await import('@faker-js/faker/locale/en');
  const Class = faker.constructor as new (options: { locale: unknown; randomizer: { next(): number; seed(): void } }) => Faker;
  return new Class({ locale: faker.rawDefinitions, randomizer: { next: () => stream.uniform(), seed: () => {} } });
}
