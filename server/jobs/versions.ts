import { version } from '../../package.json';

/** What a run's bytes depend on besides its plan; kept with the run, since another version may round or draw differently. */
export function versions(): Record<string, string> {
  return { understudy: version, node: process.versions.node, platform: `${process.platform}-${process.arch}` };
}
