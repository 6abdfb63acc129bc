import type { MetricInfo, Suite } from '../protocol';
import { collapse } from './collapse/registry';
import { fairness } from './fairness/registry';
import { fidelity } from './fidelity/registry';
import type { MetricEntry } from './metric';
import { privacy } from './privacy/registry';
import { structure } from './structure/registry';
import { timeSeries } from './time-series/registry';
import { utility } from './utility/registry';

/** Every metric: metadata, and code that is loaded when it is first computed. In the order of the report, family by family; each family's list is its own file. */
export const metrics: readonly MetricEntry[] = [...fidelity, ...structure, ...utility, ...privacy, ...fairness, ...timeSeries, ...collapse];

/** The metrics of a suite: `standard` those without a mark, `full` all, `privacy` the privacy family and what is marked for it. @param model whether the fitted model is at hand, and @param aside whether there are columns that identify people: what asks these is then in every suite */
export const metricsOf = (suite: Suite = 'standard', model = false, aside = false): readonly MetricEntry[] =>
  suite === 'full' ? metrics : metrics.filter(({ info }) => (model && info.needs.includes('model')) || (aside && info.needs.includes('identifiers')) || (suite === 'privacy' ? info.family === 'privacy' || info.suite === 'privacy' : info.suite === undefined));

/** Metadata of a metric by id. */
export const metricInfo = (id: string): MetricInfo | undefined => metrics.find(m => m.info.id === id)?.info;
