/**
 * A Chromium to show the window in: the user's own, else the one from npm (Linux x64).
 * UNDERSTUDY_BROWSER=npm prefers the latter.
 */
import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cache, here } from './paths.mjs';
import { run } from './processes.mjs';

const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'microsoft-edge', 'microsoft-edge-stable', 'chrome.exe', 'msedge.exe'];
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe', 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];
const executable = (file) => access(file, constants.X_OK).then(() => stat(file)).then((s) => s.isFile(), () => false);

/** Flags the workbench, its webviews and service workers were seen to work under, headless and as root. */
export const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--font-render-hinting=none'];

async function installed() {
  const onPath = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean).flatMap((folder) => names.map((name) => path.join(folder, name)));
  for (const file of [...onPath, ...places]) if (await executable(file)) return file;
  return undefined;
}

/** Shared libraries the program asks for that this machine lacks. */
async function missing(program, env) {
  const listed = await run('ldd', [program], { env: { ...process.env, ...env }, timeout: 30_000 }).catch((error) => String(error.message));
  return [...listed.matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
}

const xml = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** Unpack the Chromium of @sparticuz/chromium under .cache. It unpacks into the temporary folder, so it is given one. */
async function fromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const folder = path.join(cache, 'chromium');
  const program = path.join(folder, 'chromium');
  await mkdir(folder, { recursive: true });
  if (!await executable(program)) {
    // With AWS_EXECUTION_ENV it also unpacks NSS and the other libraries that a bare container lacks.
    await run(process.execPath, ['-e', 'import("@sparticuz/chromium").then((m) => m.default.executablePath())'],
      { cwd: here, env: { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' }, timeout: 120_000 });
  }
  // The package's own configuration names folders of AWS and /tmp/fonts alone: without a font found, every word in the window is of width 0, and nothing on a menu is visible.
  const fonts = path.join(folder, 'fonts.conf');
  await writeFile(fonts, `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n  <dir>${xml(path.join(folder, 'fonts'))}</dir>\n  <dir>/usr/share/fonts</dir>\n  <cachedir>${xml(path.join(folder, 'fonts-cache'))}</cachedir>\n</fontconfig>\n`);
  // The machine's own libraries where it has them all; only else those that came along.
  let env = { FONTCONFIG_FILE: fonts };
  let absent = await missing(program, env);
  if (absent.length) {
    env = { ...env, LD_LIBRARY_PATH: path.join(folder, 'al2023', 'lib') };
    absent = await missing(program, env);
  }
  return { path: program, env, absent, label: 'Chromium from npm (@sparticuz/chromium)' };
}

/**
 * @returns {Promise<{path: string, env: Record<string, string>, label: string}>}
 * Throws, saying what to install, when there is none: the editor's tests are never passed over in silence.
 */
export async function findBrowser() {
  if (process.env.CHROME_PATH) {
    if (await executable(process.env.CHROME_PATH)) return { path: process.env.CHROME_PATH, env: {}, label: process.env.CHROME_PATH };
    throw new Error(`CHROME_PATH names no program: ${process.env.CHROME_PATH}`);
  }
  const own = process.env.UNDERSTUDY_BROWSER === 'npm' ? undefined : await installed();
  if (own) return { path: own, env: {}, label: own };
  const packed = await fromNpm();
  if (packed && !packed.absent.length) return packed;
  throw new Error(packed
    ? `The Chromium from npm lacks ${packed.absent.join(', ')} on this machine. On Debian or Ubuntu: apt-get install -y libnss3 libnspr4 libexpat1 libfontconfig1 libuuid1. Or install any Chrome, Edge or Chromium (or set CHROME_PATH).`
    : 'The editor\'s tests need a Chrome, Edge or Chromium. Install one (or set CHROME_PATH to it), or set UNDERSTUDY_VSCODE=download to run them in a downloaded VS Code.');
}
