import { existsSync, promises as fs } from 'node:fs';
import { basename, join } from 'node:path';
import type { ReportData } from '../protocol';
import { renderHtml } from '../report/html';
import { place, temporaryBeside, writeWhole } from '../targets/files';
import { sha256, systemError } from '../targets/source';
import { files } from './store';

/**
 * Writes a report into the run's folder (JSON and HTML) and the HTML once more where the user looks for it.
 * @returns the name it got there, and its SHA-256, by which we know it again as ours.
 */
export async function publishReport(report: ReportData, folder: string, reportOut: string | undefined, mayReplace: (path: string) => Promise<boolean>, names: { report: string; html: string } = files): Promise<{ reportOut?: string; reportSha256?: string }> {
  await writeWhole(join(folder, names.report), JSON.stringify(report));
  const html = renderHtml(report, await bundle());
  await writeWhole(join(folder, names.html), html);
  if (reportOut === undefined) return {};
  const beside = temporaryBeside(reportOut, basename(folder));
  try {
    // The user's own file, with the user's usual permissions; what lies in the run's folder is private.
    await fs.writeFile(beside, html, { flag: 'wx' });
  } catch (error) {
    await fs.rm(beside, { force: true });
    throw systemError(error, reportOut, 'written');
  }
  const placed = await place(beside, reportOut, mayReplace);
  return { reportOut: placed, reportSha256: await sha256(placed) };
}

/** The built report page, beside this bundle. Without it the file holds the figures as plain text. */
async function bundle(): Promise<{ js: string; css?: string }> {
  const base = join(__dirname, '..', 'webview', 'report');
  const css = existsSync(`${base}.css`) ? await fs.readFile(`${base}.css`, 'utf8') : undefined;
  return { js: await fs.readFile(`${base}.js`, 'utf8').catch(() => ''), ...(css !== undefined && { css }) };
}
