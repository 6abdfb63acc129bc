/** Synthesize...: inspect, three Enters, a run followed to its end, then the stand-in and its report. */
import path from 'node:path';
import * as vscode from 'vscode';
import type { GeneratorInfo, PrivacyWish, RunRecord, SynthesizeRequest, TableProfile } from '../../server/protocol';
import { chooseFix } from '../columns/choose';
import { allFixes } from '../columns/fixes';
import { settings } from '../config';
import type { Context } from '../context';
import { showError } from '../errors';
import { inspectTable } from '../inspect/command';
import { t } from '../l10n';
import { follow } from '../runs/follow';
import * as requests from '../requests';
import { folderOf, table } from '../target';
import { trusted } from '../trust';
import { askContexts } from './contexts';
import { budgetRow, offered } from './privacy';
import { askPrivacy } from './privacy-step';
import { byContexts, howAndHowLong, howManyRows, leftOut, whatIsModelled } from './steps';
import { type Step, walk } from './wizard';

export function registerSynthesize(context: Context): void {
  /** `defaults` skips the questions: for tests, key bindings and code lenses. */
  context.command('synthesize', async (uri?: vscode.Uri, _selected?: unknown, defaults?: Partial<SynthesizeRequest>): Promise<RunRecord | undefined> => {
    if (!trusted(t('Making a stand-in'))) return undefined;
    const file = await table(uri, t('Synthesize'));
    if (!file) return undefined;
    const choices = defaults ?? await choose(context, file);
    if (!choices) return undefined;
    return follow(context, t('Synthesizing {0}', path.basename(file)), () => context.server.ask(requests.synthesize, { path: file, folder: folderOf(file), device: settings().device, ...choices }));
  });
}

async function choose(context: Context, file: string): Promise<Partial<SynthesizeRequest> | undefined> {
  const first = await inspectTable(context, file);
  if (!first) return undefined;
  const generators = await context.server.ask(requests.generators, {});
  const columns = new ColumnStep(context, file, first, (await context.columns.rows.of(file)).length), privacy: Budget = {};
  const name = path.basename(file);
  const choices = await walk<Partial<SynthesizeRequest>>([
    { title: t('Synthesize {0}: What Is Modelled', name), placeholder: t('Enter to go on; type to find a column, Enter on one to treat it otherwise'), items: () => whatIsModelled(columns.profile, columns.said, columns.left), act: (id, action, renew) => columns.act(id, action, renew) },
    { title: t('Synthesize {0}: Rows', name), placeholder: t('How many rows? Choose, or type a number'), typed: true, items: (typed) => howManyRows(columns.profile, typed) },
    timeStep(name, () => columns, generators, privacy),
  ]);
  if (!choices) return undefined;
  const said = columns.said, generator = generators.find((g) => g.id === choices.reduce<string | undefined>((last, c) => c.generator ?? last, undefined));
  const contexts = generator && byContexts(generator.id) ? await askContexts(columns.profile, new Set(Object.keys(said).filter((n) => said[n].drop)), generator) : {};
  if (!contexts) return undefined;
  const suppress = privacy.wish ? [] : await context.columns.rows.of(file);
  return Object.assign({}, ...choices, contexts, Object.keys(said).length ? { columns: said } : {}, privacy.wish ? { privacy: privacy.wish } : {}, suppress.length ? { suppress } : {});
}

/** What was chosen of privacy so far. */
interface Budget { wish?: PrivacyWish }

function timeStep(name: string, columns: () => ColumnStep, generators: GeneratorInfo[], privacy: Budget): Step<Partial<SynthesizeRequest>> {
  const { generator, budgetSeconds } = settings();
  return {
    title: t('Synthesize {0}: Time', name), placeholder: t('How thoroughly? Choose, or type a time such as 2 min or a generator\'s name'), typed: true,
    items: (typed) => [...howAndHowLong(columns().profile, offered(generators, privacy.wish), { generator, budgetSeconds }, typed), ...(typed.trim() === '' || /priv|budget|eps/i.test(typed) ? [{ label: t('Guarantee'), separator: true }, budgetRow(privacy.wish)] : [])],
    act: async () => {
      const wish = await askPrivacy(columns().profile, columns().left);
      if (wish === 'none') delete privacy.wish; else if (wish) privacy.wish = wish;
    },
  };
}

/** The first step's memory: the profile as it is with what the user said, and the saying. */
class ColumnStep {
  constructor(private readonly context: Context, private readonly file: string, public profile: TableProfile, /** How many rows are left out. */ public left: number) {}

  /** The profile was made with it, so it fits the file. */
  get said() { return this.context.columns.of(this.file); }

  async act(column: string, action: string, renew: () => void): Promise<void> {
    const { columns } = this.context;
    if (column === leftOut) {
      await columns.rows.forget(this.file);
      this.left = 0;
      return;
    }
    const before = columns.of(this.file)[column];
    const fix = action === 'choose' ? await chooseFix(column, this.profile.columns.find((c) => c.name === column), before) : action === 'undo' ? 'undo' : allFixes.find((f) => f.id === action);
    if (!fix) return;
    await columns.say(this.file, column, fix === 'undo' ? undefined : fix.override);
    // What was clicked shows at once; how the column is modelled and what that costs follows when the table was read again.
    renew();
    try {
      this.profile = await this.context.server.ask(requests.inspect, { path: this.file, overrides: this.said });
    } catch (error) {
      // It cannot be treated so: the column stays as it was.
      await columns.say(this.file, column, before);
      showError(this.context, error);
    }
  }
}
