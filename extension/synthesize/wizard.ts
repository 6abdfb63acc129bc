/** A quick pick of several steps with a back button; Enter takes each step's first item. */
import * as vscode from 'vscode';

export interface Step<T> {
  title: string; placeholder: string;
  /** Called once, and again with what the user types where `typed` is set. */
  items(typed: string): Array<{ label: string; description?: string; detail?: string; separator?: boolean; choice?: T }>;
  /** Typing makes items rather than only filtering them. */
  typed?: boolean;
}

type Pick<T> = vscode.QuickPickItem & { choice?: T };

/** @returns one choice a step, or undefined when the user left. */
export async function walk<T>(steps: Array<Step<T>>): Promise<T[] | undefined> {
  const chosen: T[] = [];
  while (chosen.length < steps.length) {
    const answer = await ask(steps[chosen.length], chosen.length + 1, steps.length);
    if (answer === undefined) return undefined;
    if (answer === 'back') chosen.pop();
    else chosen.push(answer.choice);
  }
  return chosen;
}

function ask<T>(step: Step<T>, at: number, of: number): Promise<{ choice: T } | 'back' | undefined> {
  const pick = vscode.window.createQuickPick<Pick<T>>();
  const fill = (typed: string) => {
    pick.items = step.items(typed).map(({ separator, choice, ...item }) => (separator
      ? { label: item.label, kind: vscode.QuickPickItemKind.Separator }
      : { ...item, choice, alwaysShow: step.typed }));
  };
  pick.title = step.title;
  pick.step = at;
  pick.totalSteps = of;
  pick.placeholder = step.placeholder;
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  if (at > 1) pick.buttons = [vscode.QuickInputButtons.Back];
  fill('');
  return new Promise((resolve) => {
    const done = (answer: { choice: T } | 'back' | undefined) => { resolve(answer); pick.dispose(); };
    pick.onDidChangeValue((value) => { if (step.typed) fill(value); });
    pick.onDidTriggerButton(() => done('back'));
    pick.onDidHide(() => done(undefined));
    pick.onDidAccept(() => { const [item] = pick.selectedItems; if (item?.choice !== undefined) done({ choice: item.choice }); });
    pick.show();
  });
}
