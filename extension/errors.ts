/** How something that went wrong is told: one plain sentence and a way on, the rest in the log. */
import * as vscode from 'vscode';
import type { RunRecord } from '../server/protocol';
import type { Context } from './context';
import { t } from './l10n';

/** The server's code for errors in the user's own terms; anything else is a defect and already in the server's log. */
const userErrorCode = -32001;
const requestCancelled = -32800;

/** An error that the server answered with, as the language client hands it on. */
interface Answered extends Error { code: number; data?: unknown }
const isAnswered = (error: unknown): error is Answered => error instanceof Error && typeof (error as Partial<Answered>).code === 'number';
/** Whether an error is about what stands in the user's table, and so may quote it. */
export const quotesTable = (error: unknown): boolean => isAnswered(error) && (error.data as { code?: string } | undefined)?.code === 'input';

export interface Action { title: string; run(): unknown }

/** Whether this error is the user's own cancelling. */
export function isCancellation(error: unknown): boolean {
  if (error instanceof vscode.CancellationError) return true;
  if (!isAnswered(error)) return false;
  return error.code === requestCancelled || (error.data as { code?: string } | undefined)?.code === 'cancelled';
}

/** First line only: a stack, if one got this far, belongs in the log. */
export const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/** Show an error with Show Log and any further actions. Does not wait for the user. */
export function showError(context: Context, error: unknown, ...actions: Action[]): void {
  if (isCancellation(error)) return;
  const known = isAnswered(error) && error.code === userErrorCode;
  if (!known) context.log.error(error instanceof Error ? error : String(error));
  offer(vscode.window.showErrorMessage, sentence(error), [...actions, { title: t('Show Log'), run: () => context.log.show() }]);
}

/** Show why a run ended without a result. */
export function showFailure(context: Context, run: RunRecord, ...actions: Action[]): void {
  const { message, hint } = run.error ?? { message: t('The run ended without saying why.') };
  context.log.error(`Run ${run.id}: ${message}${hint ? ` ${hint}` : ''}`);
  offer(vscode.window.showErrorMessage, sentence(`${message}${hint ? ` ${hint}` : ''}`), [...actions, { title: t('Show Log'), run: () => context.log.show() }]);
}

type Show = (message: string, ...items: string[]) => Thenable<string | undefined>;

/** A message with actions, none of them awaited. */
export function offer(show: Show, message: string, actions: Action[]): void {
  void show(message, ...actions.map((a) => a.title)).then((title) => actions.find((a) => a.title === title)?.run());
}
