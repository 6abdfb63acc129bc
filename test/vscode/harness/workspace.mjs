/** The folder that windows are opened on. */
import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { cache, root } from './paths.mjs';

/** A folder with real tables in it, thrown away afterwards. */
export async function workspace() {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(path.join(cache, 'work-'));
  // 1,461 days of weather (dates, amounts, temperatures, a category), as the npm package vega-datasets carries it.
  await copyFile(path.join(root, 'node_modules', 'vega-datasets', 'data', 'seattle-weather.csv'), path.join(folder, 'weather.csv'));
  await writeFile(path.join(folder, 'ragged.csv'), 'a,b\n1,2\n3,4,5\n');
  await writeFile(path.join(folder, 'notes.txt'), 'no table\n');
  return folder;
}
