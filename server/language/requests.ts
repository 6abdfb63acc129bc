import { basename, dirname, join } from 'node:path';
import { URI } from 'langium';
import type { Jobs, StartedRun } from '../jobs/jobs';
import type { CheckAnswer, CheckQuery, RunTargetRequest, SchemaAnswer, SchemaRequest } from '../protocol';
import { splitName } from '../targets/names';
import type { Language } from './language';
import { schemaOf } from './schema';

/** What the custom requests about the language answer, for the editor's server. */
export function answersOf(language: Language, jobs: Jobs) {
  return {
    /** A file's targets and what became of what is expected of them, as the file stands in the editor or on disk. */
    async targets({ uri }: CheckQuery): Promise<CheckAnswer> {
      const document = await language.open(URI.parse(uri).fsPath);
      return { targets: await language.results(document), problems: await language.problems(document) };
    },
    async runTarget({ uri, target, folder, device }: RunTargetRequest): Promise<StartedRun> {
      const { request, declared } = await language.compile(await language.open(URI.parse(uri).fsPath), target);
      return jobs.synthesize({ ...request, ...(device !== undefined && request.device === undefined && { device: device as 'auto' }), ...(folder !== undefined && { folder }) }, declared);
    },
    async schema({ path }: SchemaRequest): Promise<SchemaAnswer> {
      const folder = dirname(path);
      return { path: join(folder, `${splitName(basename(path)).stem}.synth`), text: schemaOf(await jobs.inspect(path), folder) };
    },
  };
}
