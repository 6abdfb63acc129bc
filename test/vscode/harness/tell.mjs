/** Tell stories in order in one window; one that fails leaves a picture, and in words what the window showed, and does not stop the next. */
import { within } from './processes.mjs';

/** How run.mjs wants all files told: whether to the end, or only to the first story that fails (it is then told once more from the beginning). */
export const way = { untilFailure: false };

/** What went wrong, what the window showed then, and what the extension and its server had written last. */
async function told(error, scene, name) {
  const { window, server } = scene, picture = await window?.shot(`failed-${name}`).catch(() => 'no screenshot');
  const seen = await window?.seen().catch((e) => `the window does not answer: ${e.message}`), log = await server?.tail(15).catch(() => '');
  return [error.stack ?? String(error), ...(picture ? [`(${picture})`] : []), ...(seen ? [`The window showed:\n${seen}`] : []), ...(log ? [`The log's last lines:\n${log}`] : [])].join('\n');
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
