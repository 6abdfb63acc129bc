/** Where the harness keeps things. Everything it makes lies under `.cache`, which git ignores; a second run finds it there. */
import { fileURLToPath } from 'node:url';
import path from 'node:path';

export const here = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
export const root = path.resolve(here, '..', '..');
export const cache = path.join(here, '.cache');
export const shots = path.join(cache, 'shots');
export const modules = path.join(here, 'node_modules');
/** The bundled Mocha suite, made by bundle.mjs. */
export const suite = path.join(root, 'dist', 'test', 'index.js');
