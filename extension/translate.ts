/** Words come from the editor's bundle for its display language. The first import of extension.ts: lists of choices are worded as their modules load. */
import * as vscode from 'vscode';
import { translateBy } from './l10n';

translateBy((message, ...args) => vscode.l10n.t(message, ...args));
