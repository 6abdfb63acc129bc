/** Columns and tables in memory, and as Arrow: what the layers above import. */
export { codeColumn, numberColumn, spellingOf, stringColumn, withSchema, type Spelling } from './columns-base';
export { columnSchema, concatRows, makeTable, mergeDictionaries, plainDialect, sampleTable } from './make';
export { toArrow, toIpc, writeIpc } from './arrow-out';
export { fromArrow, fromIpc, readIpc } from './arrow-in';
