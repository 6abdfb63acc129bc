/** VS Code's server (code-server) on a port of 127.0.0.1, with a user folder of its own. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { codeServer, node24 } from './install.mjs';
import { cache } from './paths.mjs';
import { end, run, start, within } from './processes.mjs';

/** Settings of the test window: nothing that moves, updates, asks or needs a network. */
const quiet = {
  'workbench.startupEditor': 'none', 'workbench.tips.enabled': false, 'workbench.colorTheme': 'Default Dark Modern', 'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.autoDetectColorScheme': false, 'chat.disableAIFeatures': true, 'chat.commandCenter.enabled': false, 'workbench.reduceMotion': 'on', 'editor.cursorBlinking': 'solid',
  'telemetry.telemetryLevel': 'off', 'extensions.autoUpdate': false, 'extensions.ignoreRecommendations': true, 'security.workspace.trust.enabled': false, 'git.enabled': false,
  'files.watcherExclude': { '**/node_modules/**': true }, 'task.autoDetect': 'off', 'npm.autoDetect': 'off', 'window.confirmBeforeClose': 'never',
};

/** A folder nobody has trusted yet, and no question about it on opening. */
const restricted = { 'security.workspace.trust.enabled': true, 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.emptyWindow': false, 'security.workspace.trust.banner': 'never' };

/**
 * Start the server.
 * @param {{ settings?: object, trust?: boolean, env?: Record<string, string>, install?: string, vsix?: string, driver?: boolean }} options
 *   `trust`: have workspaces begin untrusted, without the editor asking;
 *   `install`: an extension's folder to have installed; `vsix`: a package to install instead. `driver`: let a page name an extension in development and its suite;
 *   without it such a page is ignored and its run hangs, but with it the window shows no notifications, so a user's story goes without
 * @returns {Promise<{ url: string, address: string, home: string, stop(): Promise<void>, log(): string, tail(lines: number): Promise<string> }>} `tail`: the last lines that the extension wrote to its log (its server's are among them), and what VS Code's server says of its own end
 */
export async function startServer({ settings = {}, trust = false, env = {}, install, vsix, driver = false } = {}) {
  await mkdir(cache, { recursive: true });
  const home = await mkdtemp(path.join(cache, 'home-'));
  const user = path.join(home, 'User');
  await mkdir(user, { recursive: true });
  await writeFile(path.join(user, 'settings.json'), JSON.stringify({ ...quiet, ...(trust ? restricted : {}), ...settings }, null, 2));
  const extensions = path.join(home, 'extensions');
  await mkdir(extensions);
  if (install) {
    const { publisher, name, version } = JSON.parse(await readFile(path.join(install, 'package.json'), 'utf8'));
    await symlink(install, path.join(extensions, `${publisher}.${name}-${version}`), 'junction');
  }
  const config = path.join(home, 'config.yaml');
  await writeFile(config, ''); // without --config it would write into the user's home
  if (vsix) {
    await run(await node24(), [path.join(codeServer, 'out', 'node', 'entry.js'), '--config', config, '--user-data-dir', home, '--extensions-dir', extensions, '--install-extension', vsix],
      { cwd: home, env: { ...process.env, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, EXTENSIONS_GALLERY: '{"serviceUrl":""}' }, timeout: 120_000 });
  }
  const server = start(await node24(), [
    path.join(codeServer, 'out', 'node', 'entry.js'), '--config', config, '--auth', 'none', '--bind-addr', '127.0.0.1:0',
    '--user-data-dir', home, '--extensions-dir', extensions,
    '--disable-telemetry', '--disable-update-check', ...(trust ? [] : ['--disable-workspace-trust']), '--disable-getting-started-override',
    ...(driver ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ], { cwd: home, env: { ...process.env, ...env, EXTENSIONS_GALLERY: '{"serviceUrl":""}', XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, NODE_OPTIONS: '' } });

  let log = '';
  let gone;
  const address = await within(120_000, 'Starting VS Code\'s server', new Promise((resolve, reject) => {
    const read = (chunk) => {
      log = (log + chunk).slice(-50_000);
      const match = /listening on http:\/\/([\d.]+:\d+)/i.exec(log);
      if (match) resolve(match[1]);
    };
    server.stdout.on('data', read);
    server.stderr.on('data', read);
    server.on('error', reject);
    server.on('exit', (code) => { gone = code; reject(new Error(`VS Code's server ended with ${code}:\n${log.slice(-3000)}`)); });
  }));
  return {
    url: `http://${address}`, address, home,
    log: () => (gone === undefined ? log : `${log}\n(ended with ${gone})`),
    async tail(lines) {
      const all = (await readdir(path.join(home, 'logs'), { recursive: true }).catch(() => [])).filter((file) => /understudy[^/\\]*\.log$/i.test(file)).map((file) => path.join(home, 'logs', file));
      // One log a window: a window that was reloaded has begun another.
      const dated = await Promise.all(all.map(async (file) => ({ file, at: (await stat(file)).mtimeMs })));
      const [last] = dated.sort((a, b) => b.at - a.at), text = last ? await readFile(last.file, 'utf8') : '';
      return [...text.trimEnd().split('\n').slice(-lines), ...(gone === undefined ? [] : [`VS Code's server ended with ${gone}: ${log.slice(-1000)}`])].filter(Boolean).join('\n');
    },
    async stop() {
      await end(server);
      await rm(home, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
    },
  };
}
