import { cpus, freemem, release, totalmem, type } from 'node:os';
import type { ServerHealth } from '../protocol';
import { versions } from './versions';

/** How this process and its machine are. @param active the runs under way. */
export function health(active: ServerHealth['active']): ServerHealth {
  const processors = cpus();
  return {
    pid: process.pid, uptimeSeconds: process.uptime(), memoryBytes: process.memoryUsage.rss(), versions: versions(), active,
    machine: { cores: processors.length, processor: processors[0]?.model.trim() ?? 'unknown', memoryBytes: totalmem(), freeBytes: freemem(), system: `${type()} ${release()}` },
  };
}
