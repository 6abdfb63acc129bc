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
  const html = renderHtml(report, await reportBundle());
  await writeWhole(join(folder, names.html), html);
  return reportOut === undefined ? {} : publishHtml(html, reportOut, basename(folder), mayReplace);
}

/** Writes a page where the user looks for it. @param tag the run's id. @returns the name it got there, and its SHA-256 */
export async function publishHtml(html: string, reportOut: string, tag: string, mayReplace: (path: string) => Promise<boolean>): Promise<{ reportOut: string; reportSha256: string }> {
  const beside = temporaryBeside(reportOut, tag);
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
export async function reportBundle(): Promise<{ js: string; css?: string }> {
  // From the worker's and the server's folder, and from the command line's.
  const base = [join(__dirname, '..', 'webview', 'report'), join(__dirname, 'webview', 'report')].find((path) => existsSync(`${path}.js`)) ?? join(__dirname, '..', 'webview', 'report');
  const css = existsSync(`${base}.css`) ? await fs.readFile(`${base}.css`, 'utf8') : undefined;
  return { js: await fs.readFile(`${base}.js`, 'utf8').catch(() => ''), ...(css !== undefined && { css }) };
}
