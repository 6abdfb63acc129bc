/** Tell stories in order in one window; one that fails leaves a picture, and in words what the window showed, and does not stop the next. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { within } from './processes.mjs';

/** How run.mjs wants all files told: whether to the end, or only to the first story that fails (it is then told once more from the beginning). */
export const way = { untilFailure: false };

/** The last lines of the log of the workspace's newest run. */
async function lastRun(workspace, lines) {
  const runs = path.join(workspace, '.understudy', 'runs'), id = (await readdir(runs)).sort().at(-1), log = (await readdir(path.join(runs, id))).find((name) => /log/.test(name));
  return log ? `${id}:\n${(await readFile(path.join(runs, id, log), 'utf8')).trimEnd().split('\n').slice(-lines).join('\n')}` : '';
}

/** What went wrong, what the window showed then, and what the extension, its server and its last run had written last. */
async function told(error, scene, name) {
  const { window, server, workspace } = scene, picture = await window?.shot(`failed-${name}`).catch(() => 'no screenshot');
  const seen = await window?.seen().catch((e) => `the window does not answer: ${e.message}`), log = await server?.tail(15).catch(() => ''), run = workspace && await lastRun(workspace, 10).catch(() => '');
  // The extension host's warnings come to the window's console; the workbench's own talk of missing files does not matter.
  const said = window?.console.filter((line) => /^(error|warning|pageerror)/.test(line) && !/404|preload|Mixed Content|spdlog|watchdog|sandbox attribute|authentication provider/.test(line)).slice(-8).map((line) => line.slice(0, 300)).join('\n');
  return [error.stack ?? String(error), ...(picture ? [`(${picture})`] : []), ...(seen ? [`The window showed:\n${seen}`] : []), ...(log ? [`The log's last lines:\n${log}`] : []), ...(run ? [`The newest run's log, ${run}`] : []), ...(said ? [`The window's console:\n${said}`] : [])].join('\n');
}

/**
 * @param {string} name for the screenshots of what failed
 * @param {Array<[string, (scene: any) => Promise<void>]>} all titles and stories
 * @param {{ window?: import('./window.mjs').Window, server?: { tail(lines: number): Promise<string> } }} scene handed to every story; a story that opens another window puts it here
 * @param {number} milliseconds the most that one story may take
 * @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>}
 */
export async function tell(name, all, scene, milliseconds = 400_000) {
  const result = { passed: 0, failed: 0, failures: [] };
  const wanted = process.env.UNDERSTUDY_STORY;
  let over = false;
  try {
    for (const [title, story] of all) {
      // For whoever writes a story: only those whose title holds the word.
      if (wanted && !title.includes(wanted)) continue;
      if (over) {
        result.failed++;
        result.failures.push({ title, message: 'not told: the story before it did not end, and still has the window' });
        continue;
      }
      const going = story(scene);
      try {
        await within(milliseconds, title, going);
        result.passed++;
        console.log(`  ✓ ${title}`);
      } catch (error) {
        // What it goes on to do has nobody who listens.
        going.catch(() => undefined);
        result.failures.push({ title, message: await told(error, scene, `${name}-${result.failed}`) });
        result.failed++;
        console.log(`  ✗ ${title}: ${String(error.message ?? error).split('\n').slice(0, 3).join(' ')}`);
        if (way.untilFailure) break;
        over = error.late === true;
        await scene.window?.clear().catch(() => undefined);
      }
    }
  } finally {
    await scene.window?.close();
  }
  return result;
}
