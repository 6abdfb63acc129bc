/** What the editor shows on tables themselves: thin providers that pass on what the server says. No text of a table leaves the editor. */
import type { Context } from '../context';
import { Answers } from './answers';
import { registerCopies } from './copies';
import { registerExposure } from './exposure';
import { registerProblems } from './problems';
import { registerProviders } from './providers';

export function registerInline(context: Context): void {
  const answers = new Answers(context);
  context.own(answers);
  registerProviders(context, answers);
  registerProblems(context, answers);
  registerCopies(context, answers);
  registerExposure(context, answers);
}
