import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../errors';
import { unpackTable, type PackedTable } from '../../table/packed';
import { contextsOf, figureOf } from '../judge';
import { metrics } from '../registry';
import { claim } from './groups';
import type { LaneMessage, LaneTask, PackedJudged } from './messages';
import type { Judged } from '../options';

/** The second thread of an evaluation: takes groups of metrics that nobody has taken, the longest first, and posts their figures. Ends when there is none left. */
const { judged, groups, claims } = workerData as LaneTask;
const post = (message: LaneMessage) => parentPort!.postMessage(message);
/** Ten times a second is often enough to say how far we are. */
const saidMs = 100;

async function run(): Promise<void> {
  let id = '', said = 0;
  const contexts = contextsOf(unpack(judged), async fraction => {
    if (performance.now() - said < saidMs) return;
    said = performance.now();
    post({ type: 'progress', id, fraction });
  });
  for (let g = 0; g < groups.length; g++) {
    if (!claim(claims, g)) continue;
    for (id of groups[g]) {
      const from = performance.now(), figure = await figureOf(metrics.find(m => m.info.id === id)!, contexts);
      post({ type: 'figure', figure, seconds: (performance.now() - from) / 1000 });
    }
  }
}

const tablesOf = <T extends { training: PackedTable; synthetic: PackedTable; control?: PackedTable }>({ training, synthetic, control }: T) =>
  ({ training: unpackTable(training), synthetic: unpackTable(synthetic), ...(control && { control: unpackTable(control) }) });

function unpack({ keys, folds, training, synthetic, control, ...rest }: PackedJudged): Judged {
  return {
    ...rest, ...tablesOf({ training, synthetic, ...(control && { control }) }), ...(keys && { keys: tablesOf(keys) }),
    ...(folds && { folds: folds.map(f => ({ training: unpackTable(f.training), synthetic: unpackTable(f.synthetic), control: unpackTable(f.control), rows: f.rows })) }),
  };
}

run().catch((error: unknown) => {
  // anything but a user's error is a defect: the parent makes it one again, with its text
  post({ type: 'failed', error: error instanceof UserError ? { message: error.message, place: error.place, ...(error.hint !== undefined && { hint: error.hint }), code: error.code } : { message: error instanceof Error ? error.stack ?? error.message : String(error) } });
});
