import { Cancellation, DefaultLinker, DefaultReferenceDescriptionProvider, interruptAndCheck, type AstNodeDescription, type LangiumDocument, type LinkingError, type ReferenceDescription, type ReferenceInfo, type ScopeProvider } from 'langium';
import * as ast from './generated/ast';
import { nearest, readName } from './names';

/** Every reference of a file: only targets and expectations have any, and a target's clauses of transfer. */
export function referencesOf(file: ast.File): ReferenceInfo[] {
  const found: ReferenceInfo[] = [], add = (container: ast.Target | ast.Expect | ast.ToClause, property: string, reference: ReferenceInfo['reference'] | undefined) => { if (reference) found.push({ container, property, reference }); };
  for (const d of file.declarations ?? []) {
    if (ast.isTarget(d)) {
      add(d, 'source', d.source);
      for (const c of d.clauses) if (ast.isToClause(c)) add(c, 'source', c.source);
    } else if (ast.isExpect(d)) add(d, 'target', d.target);
  }
  return found;
}

/** Names that a misspelt one is compared with. */
const mostNames = 500;
/** The name that is probably meant by a reference to nothing. */
export const meantBy = (info: ReferenceInfo, scopes: ScopeProvider): string | undefined => nearest(readName(info.reference.$refText), scopes.getScope(info).getAllElements().limit(mostNames).map((e) => e.name));

/** Links by that list: not every node of a long file is looked at after every key press. */
export class SynthLinker extends DefaultLinker {
  override async link(document: LangiumDocument, token = Cancellation.CancellationToken.None): Promise<void> {
    await interruptAndCheck(token);
    for (const info of referencesOf(document.parseResult.value as ast.File)) this.doLink(info, document);
  }

  /** In words a user knows, with the name that is probably meant. */
  protected override createLinkingError(info: ReferenceInfo, description?: AstNodeDescription): LinkingError {
    const meant = meantBy(info, this.scopeProvider);
    return { ...super.createLinkingError(info, description), message: `There is no ${this.reflection.getReferenceType(info).toLowerCase()} ${readName(info.reference.$refText)} here.${meant === undefined ? '' : ` Is ${meant} meant?`}` };
  }
}

/** Describes references by that list. */
export class SynthReferenceDescriptions extends DefaultReferenceDescriptionProvider {
  override async createDescriptions(document: LangiumDocument, token = Cancellation.CancellationToken.None): Promise<ReferenceDescription[]> {
    await interruptAndCheck(token);
    return referencesOf(document.parseResult.value as ast.File).flatMap((info) => (info.reference.error ? [] : this.createInfoDescriptions(info)));
  }
}
