/** Tell stories in order in one window; one that fails leaves a screenshot and does not stop the next. */
import { within } from './processes.mjs';

/**
 * @param {string} name for the screenshots of what failed
 * @param {Array<[string, (scene: any) => Promise<void>]>} all titles and stories
 * @param {{ window: import('./window.mjs').Window }} scene handed to every story; a story that opens another window puts it here
 * @param {number} milliseconds the most that one story may take
 * @returns {Promise<{passed: number, failed: number, failures: Array<{title: string, message: string}>}>}
 */
export async function tell(name, all, scene, milliseconds = 240_000) {
  const result = { passed: 0, failed: 0, failures: [] };
  const wanted = process.env.UNDERSTUDY_STORY;
  try {
    for (const [title, story] of all) {
      // For whoever writes a story: only those whose title holds the word.
      if (wanted && !title.includes(wanted)) continue;
      try {
        await within(milliseconds, title, story(scene));
        result.passed++;
        console.log(`  ✓ ${title}`);
      } catch (error) {
        const shot = await scene.window.shot(`failed-${name}-${result.failed}`).catch(() => 'no screenshot');
        result.failed++;
        result.failures.push({ title, message: `${error.stack ?? error}\n(${shot})` });
        console.log(`  ✗ ${title}: ${String(error.message ?? error).split('\n')[0]}`);
        await scene.window.page.keyboard.press('Escape').catch(() => undefined);
      }
    }
  } finally {
    await scene.window.close();
  }
  return result;
}
