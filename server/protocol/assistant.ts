/** What an assistant in the editor, or one that speaks MCP, is told of tables and runs. Part of the protocol: types only. */
import type { Kind } from './tables';
import type { Figure, MetricFamily, Verdict } from './figures';

/** Asked for an assistant. `values`: the user agreed, for this one question, that values of the table are passed on. */
export type AssistantQuery = { about: 'table'; path: string; values?: boolean } | { about: 'run'; id: string; /** that holds `.understudy` */ folder: string };

/** A table without anything that stands in its cells, unless `values` was agreed to. */
export interface TableForAssistant {
  file: string; rows: number;
  columns: Array<{
    name: string; kind: Kind; personal?: string; missing: number; distinct: number; warnings: string[];
    values?: { min?: string; max?: string; mean?: number; sd?: number; top?: Array<{ value: string; count: number }> };
  }>;
  outcome?: string; estimatedSeconds?: number;
  note: string;
}

/** A run's outcome in figures and files. */
export interface RunForAssistant {
  id: string; state: string; kind: string; seconds?: number; out?: string; report?: string; generator?: string; seed?: number; rows?: number;
  /** What went wrong, where it may be told without quoting the table. */
  error?: string;
  verdicts: Array<{ family: MetricFamily; verdict: Verdict; sentence: string }>;
  figures: Array<Pick<Figure, 'metric' | 'value' | 'interval' | 'verdict' | 'samples'> & { name: string; better: string; reference?: { label: string; value: number } }>;
  /** Worst first. */
  columns: Array<{ name: string; kind: Kind; score: number | null; verdict?: Verdict }>;
  note: string;
}
