import { promises as fs } from 'node:fs';
import { basename } from 'node:path';
import { UserError } from '../../../errors';
import { automatic } from '../../../generators/auto';
import type { PrivateFit } from '../../../generators/generator';
import { assertPrivate, choosePrivate } from '../../../generators/private';
import { findGenerator } from '../../../generators/registry';
import { checkBudget } from '../../../privacy/ledger/budget';
import { Ledger } from '../../../privacy/ledger/ledger';
import { NoiseSource } from '../../../privacy/mechanisms/source';
import type { Plan, PublicSchema } from '../../../protocol';
import { makeTable } from '../../../table/columns';
import { learnRules } from '../../../table/rules/rules';
import { modelledKinds, type Column, type Table } from '../../../table/table';
import { writeWhole } from '../../files';
import { drawWhere } from '../../conditions/draw';
import { Keeper } from '../../conditions/keeper';
import { taskSeed } from '../../fits';
import { assertUnchanged } from '../../source';
import { fitOrLoad } from '../fit';
import { loaded } from '../generator';
import type { Released, ReleaseJob } from '../job';
import { writeAll } from '../output';
import { understand } from '../read';
import { properPrivately, severalPrivately } from '../several';
import { Ask } from './ask';
import { calibrate, costOf, dataShare, eventsOf } from './cost';
import { intoDomain, learnDomain, type Domain } from './domain';
import { rulesUnderBudget } from './keep';
import { freshColumn } from './fresh';
import { proofOf } from './proof';
import { checkLayout, readDeclared } from './read';
import { declared, learnt, schemaOf } from './schema';
import { oneRowPerUnit } from './unit';

/**
 * Purpose *release* under a privacy budget. Everything that goes out (table, model, publishable report) is a function of what the user declared public and of releases that the source's ledger was
 * charged for before their noise was drawn. There is no control, no validation and no choice by looking. Every run is a new release: nothing about noise, batches, initial weights or the encoding of rows follows from the plan's seed.
 *
 * **The seed**, which the plan keeps, is read below in two places alone, both after the model is finished: which rows are drawn from it (drawn again where they break a rule), and what the columns look like that are never learnt. Had it been drawn before
 * the table was seen (it is: by the user, or at random), whoever has the model and the seed could draw the very same rows: a function of what was charged for and of a number that no row had a part in (post-processing). It gives back nothing that came before the
 * model, since nothing before it was drawn by it: for every generator a test fits under two seeds and one noise, and compares the models' bytes.
 * @throws BudgetExhausted when earlier releases leave nothing; UserError for anything the user can act on
 */
export async function privateRelease(plan: Plan, job: ReleaseJob): Promise<Released> {
  const { meter } = job, keep = job.privacy, asked = plan.privacy!;
  if (!keep) throw new Error('a release under a budget needs a ledger');
  assertPlain(plan);
  meter.begin('reading', basename(plan.source.path));
  const ledger = new Ledger(keep.ledger, plan.source.sha256), budget = { epsilon: asked.epsilon, delta: asked.delta, ...(asked.own !== undefined && { own: asked.own }) }, noise = keep.noise ?? new NoiseSource();
  // Before anything is read: a run that can release nothing should not begin.
  ledger.allowance(budget, job.id, asked.unit);
  await assertUnchanged(plan.source, 'before it could be read');
  const { source, profile } = await understand({ path: plan.source.path, columns: asked.schema ? {} : plan.columns, k: plan.protection.k, plan: { budgetSeconds: plan.budgetSeconds, ...(plan.rows !== undefined && { rows: plan.rows }) } }, async () => {
    await assertUnchanged(plan.source, 'while it was being read');
    meter.begin('profiling');
    await job.breathe();
  });
  job.profiled(profile);

  // With the schema taken from the file, that is what the user has declared; from here on nothing else of the file's own form counts. A resumed run finds it in its plan.
  const schema = asked.schema ? declared(asked.schema, asked.domains ?? {}) : schemaOf(source, asked.domains);
  const { domains: _in, declareSchema: _done, ...rest } = asked, request = { ...rest, schema };
  await keep.declared(request);
  const columns = learnt(schema);
  if (columns.length === 0) throw new UserError('The declared columns hold none that can be learnt.', { file: basename(plan.source.path) }, 'Declare one with --column NAME=category.');
  if (plan.outcome !== undefined && !columns.some((c) => c.name === plan.outcome)) throw new UserError('cannot be the outcome: it is not a declared column that is learnt.', { file: basename(plan.source.path), column: plan.outcome }, `Choose one of ${columns.slice(0, 20).map((c) => c.name).join(', ')}.`);
  const choice = plan.generator.id === automatic.id ? choosePrivate(columns.length) : undefined, id = choice?.id ?? plan.generator.id;
  assertPrivate(id);
  const { generator, parameters } = await loaded(id, plan.generator.parameters);
  generator.assertPrivately?.(plan.generator.parameters, columns.map((c) => c.name));
  if (choice) job.log(`auto: ${choice.id}. ${choice.why}`);
  const { underBudget } = findGenerator(id)!;
  if (underBudget) job.log(underBudget);
  if (asked.schema) checkLayout(source, schema, plan.source.path);
  const real = readDeclared(source, columns, plan.source.path);
  const holdout = plan.holdout && readDeclared((await understand({ path: plan.holdout.path, columns: {} })).source, columns, plan.holdout.path);
  await job.breathe();

  meter.begin('preparing');
  const { unit } = asked, units = oneRowPerUnit(real, unit, noise.fork('units'), plan.source.path, { table: source, ...(unit !== 'row' && { missing: schema.columns.find((c) => c.name === unit.entity)?.missing }) });
  checkBudget(budget, units.rows);
  const charge: PrivateFit['charge'] = async (what) => { ledger.charge({ ...what, run: job.id, unit: asked.unit }, budget); };
  const domain = (job.resume ? await keptDomain(keep.domain) : undefined) ?? (await released());
  async function released(): Promise<Domain> {
    const cost = costOf(schema, asked.publicRows !== undefined), allowed = ledger.allowance(budget, job.id, asked.unit);
    // A run that was stopped between charge and release asks again and pays again: what was drawn then is gone.
    if (ledger.entries().some((e) => e.run === job.id)) {
      job.log('what an earlier attempt released before training is lost; it stays charged');
      ledger.allowance(budget, '', asked.unit);
    }
    const sigma = calibrate(cost, allowed, findGenerator(id)!.marginalsOnly ? 1 : dataShare);
    for (const event of eventsOf(cost, sigma)) await charge(event);
    const made = learnDomain(units, schema, asked.publicRows, new Ask(sigma, cost, noise.fork('domain')));
    await writeWhole(keep!.domain, JSON.stringify(made));
    return made;
  }
  job.log(`privacy: ${domain.columns.length} columns released with a noise of ${domain.noise.sigma.toPrecision(4)} rows`);
  await job.breathe();

  meter.begin('training');
  const rows = plan.rows ?? domain.rows, allowed = ledger.allowance(budget, job.id, asked.unit), fit = intoDomain(units, domain, schema), names = columns.map((c) => c.name), { kept: rules, left } = rulesUnderBudget(plan.rules ?? [], names);
  // Of no row: rules that contradict each other are refused before the training is paid for, by the released domain alone.
  const nobody = fit.take([]), { learnt: held } = learnRules(rules, nobody);
  const { fitted, curve } = await fitOrLoad(generator, parameters, {
    tables: () => ({ fit, validation: nobody, ...(plan.outcome !== undefined && { outcome: plan.outcome }) }),
    seed: plan.seed, budgetSeconds: plan.budgetSeconds, device: plan.resolvedDevice ?? plan.device, ...(plan.resolved && { resolved: plan.resolved }), protection: { enabled: false, k: 1 }, resume: job.resume,
    files: job.files, log: job.log,
    privacy: { rows: domain.rows, epsilon: allowed.epsilon, delta: allowed.delta, left: allowed, columns: Object.fromEntries(domain.columns.map((d) => [d.schema.name, d.column])), noise: noise.fork('training'), charge },
    progress: async (p) => { meter.report(p); await job.breathe(); },
    decided: (decisions, device) => job.decided(decisions, device),
  });
  try {
    meter.begin('sampling');
    meter.report({ fraction: 0, device: fitted.device });
    const R = releasesOf(plan), wholes: Table[] = [];
    let first: Table | undefined, drawn = 0, good = 0;
    // All from the one model that was charged for: whatever is drawn from it, and drawn again where it breaks a declared rule, is post-processing.
    for (let r = 0; r < R; r++) {
      const keeper = new Keeper(held, names);
      const { table, how } = await drawWhere({
        fitted, conditional: false, fit: nobody, keep: (t, ahead) => keeper.keep(t, ahead),
        // Whatever a generator made: nothing outside the released domain goes out.
        conceal: (t) => intoDomain(t, domain, schema),
      }, { name: `The wish to keep the declared rules (${rules.map((r) => r.name).join(', ')})` }, rows, {
        seed: (taskSeed(plan, r === 0 ? '' : `release ${r}`) ^ 0x9e3779b9) >>> 0,
        progress: async (done) => { meter.report({ fraction: (0.9 * (r + done / rows)) / R, message: `${done} of ${rows} rows${R > 1 ? `, table ${r + 1} of ${R}` : ''}` }); await job.breathe(); },
      });
      drawn += how.drawn;
      good += how.accepted;
      first ??= table;
      wholes.push(await wholeTable(schema, table, taskSeed(plan, r === 0 ? '' : `fresh ${r}`)));
      await job.breathe();
    }
    const synthetic = first!;
    meter.begin('writing', basename(plan.out));
    const outs = await writeAll(wholes, plan, job), { path: out, sha256: outSha256 } = outs[0]!;
    const proof = proofOf(ledger, request, plan.outcome);
    return {
      training: real, trainingRows: Int32Array.from({ length: real.rows }, (_, i) => i), synthetic, ...(holdout && { control: holdout }), controlHow: holdout ? `the holdout file ${basename(plan.holdout!.path)}` : 'none: under a privacy budget every row is learnt',
      source: { rows: source.rows, columns: source.columns.length }, profile, ...(plan.outcome !== undefined && { outcome: { column: plan.outcome, guessed: false } }), ...(curve && { curve }), device: fitted.device,
      out, rows, outSha256, ...(R > 1 && { outs }), generator: id, proof, domain,
      notes: [...(R > 1 ? [`${severalPrivately(R)} Figures are of the first.`] : []), ...(rules.length ? [`${rules.length === 1 ? 'One rule holds' : `${rules.length} rules hold`} in every row: ${((100 * good) / drawn).toFixed(1)}% of ${drawn} rows drawn from the model kept ${rules.length === 1 ? 'it' : 'all'}; others were drawn again, which costs nothing.`] : []), ...(left.length ? [`Not kept under a privacy budget: ${left.join(', ')}.`] : []), ...(choice ? [`The generator was chosen automatically: ${choice.id}. ${choice.why}`] : []), ...(underBudget ? [underBudget] : []), ...offNote(fitted.resolved), 'This report compares with the real table and is covered by no guarantee: keep it to yourself. The publishable report beside it holds nothing of the table that was not declared or charged.'],
    };
  } finally {
    await fitted.dispose();
  }
}

/** What a generator did without, and why; settings of it that were asked for are refused before. */
const offNote = ({ off }: Record<string, unknown>): string[] => (Array.isArray(off) && off.length ? [`Off under the privacy budget: ${off.join('; ')}.`] : []);

/** Only the plain purpose keeps a guarantee: anything else would look at the table once more, or be left undone. @throws UserError (usage) */
function assertPlain(plan: Plan): void {
  const { purpose, target } = plan;
  if (purpose !== 'release') throw new UserError(`Under a privacy budget there is a plain release: a target of ${purpose} cannot be had.`, {}, 'Leave the budget out, or make a release and work on that: what is done with it costs nothing more.', 'usage');
  if (releasesOf(plan) > 1 && target?.purpose === 'release' && target.proper) throw new UserError(`Under a privacy budget several tables come from one model (plugin); ${properPrivately}.`, {}, 'Say plugin, or leave proper out.', 'usage');
}

/** How many tables a plan asks for. */
const releasesOf = ({ target }: Plan): number => (target?.purpose === 'release' ? target.releases ?? 1 : 1);

/** The release in the declared order: learnt columns as they were drawn, all others made anew. */
async function wholeTable(schema: PublicSchema, synthetic: Table, seed: number): Promise<Table> {
  const columns: Column[] = [];
  for (const c of schema.columns) columns.push(modelledKinds.includes(c.kind) ? synthetic.column(c.name) : await freshColumn(c, synthetic.rows, seed));
  return makeTable(synthetic.schema.dialect, columns, synthetic.rows);
}

async function keptDomain(path: string): Promise<Domain | undefined> {
  const text = await fs.readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Domain);
}

