import { expect, it } from 'vitest';
import { metrics } from '../evaluation/registry';
import { metricText } from './metrics';

it('says of every metric what the registry knows: definition, needs, direction, bands and their reason, source', () => {
  for (const { info } of metrics) {
    const text = metricText(info);
    for (const part of [info.name, info.definition, info.id, info.paper, ...info.needs, ...(info.threshold ? [info.threshold.why] : [])]) expect(text).toContain(part);
    expect(text).toMatch(/is better, /);
  }
});
