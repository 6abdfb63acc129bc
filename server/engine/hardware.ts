/** What can be known of the machine without starting a native runtime: cores, and whether a GPU is worth trying. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { delimiter, join } from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import type { Target } from './lower';

/** Physical cores: a matrix product gains nothing from a second thread on the same core. */
export function physicalCores(): number {
  const logical = cpus().length;
  if (process.platform === 'linux') {
    try {
      const base = '/sys/devices/system/cpu', siblings = new Set<string>();
      for (const d of readdirSync(base)) if (/^cpu\d+$/.test(d)) { try { siblings.add(readFileSync(join(base, d, 'topology/thread_siblings_list'), 'utf8').trim()); } catch { /* offline */ } }
      if (siblings.size) return siblings.size;
    } catch { /* no sysfs */ }
    return logical;
  }
  // Apple's cores have one thread each; most other desktop processors have two.
  return process.platform === 'darwin' || logical <= 4 ? logical : Math.ceil(logical / 2);
}

const filesIn = (d: string): string[] => { try { return readdirSync(d); } catch { return []; } };
/** Vulkan drivers that compute on the CPU: never faster than the CPU itself. */
const software = /lvp|llvmpipe|swiftshader|mock/i;

const names: Partial<Record<Target, string>> = { cuda: 'cuda', webgpu: 'webgpu', directml: 'dml', coreml: 'coreml' };
/** Why a device cannot be tried at all: the runtime was built without it. (Asked for nevertheless, the runtime would quietly use the CPU.) */
export const notBuilt = (target: Target): string | undefined =>
  (target === 'cpu' || listSupportedBackends().some((b) => b.name === names[target]) ? undefined : `not in this build of the runtime, for ${process.platform} ${process.arch}`);

/** Why a device is not worth trying on this machine, or undefined. Only for `auto`; a device asked for by name is always tried. */
export function hardwareNote(target: Target): string | undefined {
  const absent = notBuilt(target);
  if (absent) return absent;
  if (process.platform !== 'linux') return undefined;
  if (target === 'cuda') return ['/dev/nvidiactl', '/dev/nvidia0', '/dev/dxg'].some((f) => existsSync(f)) ? undefined : 'no NVIDIA GPU found';
  if (target === 'webgpu') {
    const folders = [...(process.env.LD_LIBRARY_PATH ?? '').split(delimiter), '/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib', '/lib/x86_64-linux-gnu', '/usr/local/lib'].filter(Boolean);
    if (!folders.some((d) => existsSync(join(d, 'libvulkan.so.1')))) return 'no Vulkan loader (libvulkan.so.1) found';
    const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
    const drivers = named ? named.split(delimiter) : ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'].flatMap(filesIn);
    if (!drivers.length) return 'no Vulkan driver installed';
    // Mesa installs a driver file for every GPU it knows; without a render node only the software ones can answer.
    if (drivers.every((f) => software.test(f)) || !(filesIn('/dev/dri').some((f) => f.startsWith('renderD')) || existsSync('/dev/nvidiactl') || existsSync('/dev/dxg'))) return 'only software Vulkan drivers, slower than the CPU';
  }
  return undefined;
}
