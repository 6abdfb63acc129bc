import { promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import type { LaboratoryResult } from '../../protocol';
import { renderLaboratory } from '../../report/laboratory';
import { writeWhole } from '../../targets/files';
import { publishHtml, reportBundle } from '../publish';
import { files } from '../store';

/** A laboratory run's result, beside its record. */
export const resultFile = 'laboratory.json';

/** Writes the result into the run's folder (JSON and HTML) and the HTML once more where the user looks for it. */
export async function publishLaboratory(result: LaboratoryResult, folder: string, reportOut: string | undefined, mayReplace: (path: string) => Promise<boolean>): Promise<{ reportOut?: string; reportSha256?: string }> {
  await writeWhole(join(folder, resultFile), JSON.stringify(result));
  const html = renderLaboratory(result, await reportBundle());
  await writeWhole(join(folder, files.html), html);
  return reportOut === undefined ? {} : publishHtml(html, reportOut, basename(folder), mayReplace);
}

/** The result of a run; undefined where it has none. */
export const readResult = (folder: string): Promise<LaboratoryResult | undefined> => fs.readFile(join(folder, resultFile), 'utf8').then(text => JSON.parse(text) as LaboratoryResult, () => undefined);
