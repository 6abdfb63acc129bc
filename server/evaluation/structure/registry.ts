import { entry, score, share } from '../entry';
import type { MetricEntry } from '../metric';
import * as thresholds from './thresholds';

/** The metrics of what holds between columns: rules, dependences, keys; in the order of the report. A new one is a file here and an entry. */
export const structure: readonly MetricEntry[] = [
  entry(() => import('./rules'), {
    id: 'structure.rules', name: 'Row validity', family: 'structure', ...share, better: 'higher', needs: ['training'],
    definition: 'Share of synthetic rows that keep every declared rule. All rows.',
    paper: 'Understudy; cells that are missing break no rule, as in SQL', threshold: thresholds.declared,
  }),
  entry(() => import('./orderings'), {
    id: 'structure.orderings', name: 'Orderings kept', family: 'structure', ...share, better: 'higher', needs: ['training'],
    definition: 'Share of synthetic rows that keep every ordering (a <= b) that all training rows keep, of columns whose ranges overlap. All rows; per ordering in the details.',
    paper: 'Abedjan, Golab & Naumann 2015, Profiling relational data', threshold: thresholds.rules,
  }),
  entry(() => import('./arithmetic'), {
    id: 'structure.arithmetic', name: 'Arithmetic kept', family: 'structure', ...share, better: 'higher', needs: ['training'],
    definition: 'Share of synthetic rows that keep all arithmetic that all training rows keep: equal columns, sums, products, constant differences and ratios, up to the rounding of what is written. All rows.',
    paper: 'Abedjan, Golab & Naumann 2015, Profiling relational data', threshold: thresholds.rules,
  }),
  entry(() => import('./dependencies'), {
    id: 'structure.dependencies', name: 'Dependencies kept', family: 'structure', ...share, better: 'higher', needs: ['training'],
    definition: 'Share of synthetic rows that keep every functional dependency (a determines b) that all training rows keep. Rows with a value that no training row has are not asked.',
    paper: 'Abedjan, Golab & Naumann 2015; Armstrong 1974', threshold: thresholds.rules,
  }),
  entry(() => import('./keys'), {
    id: 'structure.keys', name: 'Keys kept', family: 'structure', ...share, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Share of synthetic rows whose key no other synthetic row has, for the worst of the identifiers, columns and pairs that are keys of the training rows and would not be by chance. All rows.',
    paper: 'Abedjan, Golab & Naumann 2015', threshold: thresholds.rules,
  }),
  entry(() => import('./conditional-independence'), {
    id: 'structure.conditional-independence', name: 'Conditional independences', family: 'structure', ...score, better: 'higher', needs: ['training'], suite: 'full',
    definition: 'Whether synthetic rows show the dependences and independences (of two columns given a third) that training rows show: balanced accuracy over 300 random statements, G-tests at 1%. Equally many rows, at most 10,000 of each table. No interval: statements share columns and rows, and are no draws of anything; other real rows beside it say what chance does.',
    paper: 'Jiang, Simidjievski & Jamnik 2025, TabStruct; here against the real rows, since no causal graph is known', threshold: thresholds.independence,
  }),
  entry(() => import('./global-utility'), {
    id: 'structure.global-utility', name: 'Global utility', family: 'structure', ...score, better: 'higher', needs: ['training', 'holdout'], suite: 'full',
    definition: 'How well each column is predicted from all others by a model that learnt from synthetic rows, over one that learnt from training rows, both judged on control rows; averaged over columns. At most 4,000 rows of each table. No interval: it rests on models that are fitted once.',
    paper: 'Jiang, Simidjievski & Jamnik 2025, TabStruct', threshold: thresholds.globalUtility,
  }),
];
