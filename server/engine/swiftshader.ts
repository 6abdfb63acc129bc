/**
 * A software Vulkan driver for tests: SwiftShader, as carried by `@sparticuz/chromium` (npm, Linux x64) or Debian's `chromium`.
 * With it the WebGPU path runs where there is no GPU.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** Environment for a process that shall see only this driver, or undefined where none is to be had. */
export function swiftshaderEnvironment(root: string): Record<string, string> | undefined {
  if (process.platform !== 'linux') return undefined;
  const of = (folder: string): Record<string, string> => ({ VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder });
  if (process.arch === 'x64') for (const modules of ['node_modules', 'test/vscode/node_modules']) {
    const archive = resolve(root, modules, '@sparticuz/chromium/bin/swiftshader.tar.br');
    if (!existsSync(archive)) continue;
    const folder = mkdtempSync(join(tmpdir(), 'understudy-swiftshader-'));
    writeFileSync(join(folder, 's.tar'), brotliDecompressSync(readFileSync(archive)));
    execFileSync('tar', ['xf', 's.tar'], { cwd: folder });
    return of(folder);
  }
  return ['/usr/lib/chromium', '/usr/lib64/chromium-browser'].filter((d) => existsSync(join(d, 'vk_swiftshader_icd.json')) && existsSync(join(d, 'libvulkan.so.1'))).map(of)[0];
}
