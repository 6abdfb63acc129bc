/** How exposed the rows of a real table are, as the editor shows it. Part of the protocol: types only. */
import type { InlineQuery } from './inline';

/** What a row's cell meets; `value` as it is written in the file. */
export interface ExposureCondition { column: string; is: 'equal' | 'at-least' | 'at-most' | 'missing'; value: string; category: boolean; /** real rows that meet it */ rows: number }
/** One of the most exposed rows of a run's real table. `row`: of the source, from 0, the header not counted. */
export interface ExposedRecord { row: number; nats: number; /** share of people never learnt who score as high */ unseen?: number; /** real rows that meet all conditions: 1, this one alone */ rows: number; conditions: ExposureCondition[] }
/** `exposure.bin`'s header. */
export interface ExposureHeader { version: 1; scored: number; realRows: number; how: 'cross-fitted' | 'beside-control'; chance: boolean; every: boolean; most: ExposedRecord[] }

export interface InlineExposureQuery extends InlineQuery { /** Visible lines, both included; absent: every row there is to tell of, worst first. */ visible?: Array<[from: number, to: number]> }
/** An exposed row where it lies. `rank` from 1; `note` stands behind the row, `message` (plain text) under the mouse. */
export interface InlineExposure {
  line: number; endLine: number; row: number; rank: number; of: number; chance: boolean; note: string; message: string;
  /** Columns worth making coarser, and values worth protecting, rarest first. */
  columns: Array<{ name: string; category: boolean; value: string }>;
}
