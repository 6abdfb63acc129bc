/** A quick pick of several steps with a back button; Enter takes each step's first item, buttons on an item act on it and stay. */
import * as vscode from 'vscode';

export interface Action { id: string; icon: string; title: string }

export interface Row<T> {
  label: string; description?: string; detail?: string; separator?: boolean;
  /** What Enter on this row chooses for the step. */
  choice?: T;
  /** Names the row, so that it stays the active one when the rows are renewed. */
  id?: string;
  actions?: readonly Action[];
  /** Enter on this row acts on it (with this action) instead of choosing. */
  enter?: string;
}

export interface Step<T> {
  title: string; placeholder: string;
  /** Called once, again with what the user types where `typed` is set, and after every action. */
  items(typed: string): Array<Row<T>>;
  /** Typing makes items rather than only filtering them. */
  typed?: boolean;
  /**
   * Carries out an action on a row. It may show other quick picks: this one comes back. `renew` fills the rows again, before the end too.
   * Until it resolves, the step shows that it is busy.
   */
  act?(id: string, action: string, renew: () => void): Promise<void>;
}

type Pick<T> = vscode.QuickPickItem & { row: Row<T> };

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
  const buttons = new WeakMap<vscode.QuickInputButton, string>();
  /** @param kept the row that was active stays it; while one types it is the first, which what was typed has made or found */
  const fill = (kept = true) => {
    const active = kept ? pick.activeItems[0]?.row.id : undefined;
    pick.keepScrollPosition = true;
    pick.items = step.items(pick.value).map((row) => {
      if (row.separator) return { label: row.label, kind: vscode.QuickPickItemKind.Separator, row };
      const { label, description, detail } = row;
      const own = row.actions?.map((action) => {
        const button = { iconPath: new vscode.ThemeIcon(action.icon), tooltip: action.title };
        buttons.set(button, action.id);
        return button;
      });
      return { label, description, detail, row, alwaysShow: step.typed, ...(own && { buttons: own }) };
    });
    const again = active && pick.items.find((item) => item.row.id === active);
    if (again) pick.activeItems = [again];
  };
  pick.title = step.title;
  pick.step = at;
  pick.totalSteps = of;
  pick.placeholder = step.placeholder;
  pick.matchOnDescription = pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  if (at > 1) pick.buttons = [vscode.QuickInputButtons.Back];
  fill();
  return new Promise((resolve) => {
    let over = false, acting = 0;
    const done = (answer: { choice: T } | 'back' | undefined) => { over = true; resolve(answer); pick.dispose(); };
    const act = async (row: Row<T>, action: string) => {
      if (!row.id || !step.act) return;
      acting++;
      pick.busy = true;
      const renew = () => { if (!over) fill(); };
      try {
        await step.act(row.id, action, renew);
      } finally {
        acting--;
        if (!over) {
          pick.busy = acting > 0;
          fill();
          // Not over a list that another action is showing.
          if (!acting) pick.show();
        }
      }
    };
    pick.onDidChangeValue(() => { if (step.typed) fill(false); });
    pick.onDidTriggerButton(() => done('back'));
    pick.onDidTriggerItemButton(({ item, button }) => { const action = buttons.get(button); if (action) void act(item.row, action); });
    // A list shown by an action hides this one; it comes back.
    pick.onDidHide(() => { if (!over && !acting) done(undefined); });
    pick.onDidAccept(() => {
      const row = pick.selectedItems[0]?.row;
      if (row?.enter) void act(row, row.enter);
      else if (row?.choice !== undefined) done({ choice: row.choice });
    });
    pick.show();
  });
}
