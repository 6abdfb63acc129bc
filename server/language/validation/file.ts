import { type ValidationAcceptor } from 'langium';
import * as ast from '../generated/ast';
import type { SynthServices } from '../module';
import { usedUri } from '../workspace';
import type { AstNode } from 'langium';
import { AstUtils } from 'langium';

/** The language's version. Files of another major one are refused; of a later minor one read as far as they are understood. */
export const language = { major: 1, minor: 0 } as const;

/** What concerns a file as a whole: its version, what it uses, what it declares twice. */
export class FileChecks {
  constructor(private readonly services: SynthServices) {}

  file = (file: ast.File, accept: ValidationAcceptor): void => {
    if (file.version !== undefined) {
      const [major, minor = 0] = file.version.split('.').map(Number);
      if (!/^\d+(\.\d+){0,2}$/.test(file.version)) accept('error', `"${file.version}" is no version: write language ${language.major}.${language.minor}.`, { node: file, property: 'version', code: 'version' });
      else if (major !== language.major) accept('error', `This file is written in version ${file.version} of the language; this Understudy reads version ${language.major}.${language.minor}.${major > language.major ? ' A newer one is needed.' : ''}`, { node: file, property: 'version', code: 'version' });
      else if (minor > language.minor) accept('warning', `This file may use what version ${language.major}.${language.minor} of the language does not know: it is written in ${file.version}.`, { node: file, property: 'version', code: 'version' });
    }
    const names = new Map<string, ast.Source | ast.Target>();
    for (const d of file.declarations) {
      if (ast.isExpect(d) || d.name === undefined) continue;
      if (names.has(d.name)) accept('error', `There is a ${ast.isSource(d) ? 'source' : 'target'} ${d.name} already.`, { node: d, property: 'name', code: 'duplicate' });
      else names.set(d.name, d);
    }
  };

  use = (use: ast.Use, accept: ValidationAcceptor): void => {
    if (use.path === undefined) return;
    const at = { node: use as AstNode, property: 'path', code: 'use' } as const, uri = usedUri(AstUtils.getDocument(use).uri, use.path);
    if (!use.path.toLowerCase().endsWith('.synth')) accept('error', 'Only .synth files can be used; a table is named by a source.', at);
    else if (!this.services.shared.workspace.LangiumDocuments.hasDocument(uri)) accept('error', `There is no file ${use.path} here.`, at);
  };
}
