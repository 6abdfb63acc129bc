import { z } from 'zod';
import { metrics } from '../evaluation/registry';
import { automatic } from '../generators/auto';
import { generators } from '../generators/registry';
import type { MetricInfo, Plan } from '../protocol';
import { targetFigures } from '../targets/figures';
import { snake } from './names';

/** Generators, their settings and metrics by the names the language gives them: the registries', in snake_case. */

export interface KnownGenerator { id: string; name: string; title: string; summary: string; paper: string; conditional: boolean; differentialPrivacy: boolean; underBudget?: string; sequences: boolean }

let generatorsListed: readonly KnownGenerator[] | undefined;
/** Every generator, as the language names it; `auto` too. */
export const knownGenerators = (): readonly KnownGenerator[] => (generatorsListed ??= [
  ...generators.map((g) => ({ id: g.id, name: snake(g.id), title: g.name, summary: g.summary, paper: g.paper, conditional: g.capabilities.conditional, differentialPrivacy: g.capabilities.differentialPrivacy, ...(g.underBudget && { underBudget: g.underBudget }), sequences: g.capabilities.sequences })),
  { id: automatic.id, name: automatic.id, title: automatic.name, summary: automatic.summary, paper: '', conditional: true, differentialPrivacy: false, sequences: false },
]);
export const generatorNamed = (name: string): KnownGenerator | undefined => knownGenerators().find((g) => g.name === snake(name));

/** The metric ids that go by another name in the field, beside their own. */
const aliases: Record<string, string> = { 'privacy.dcr_share': 'privacy.closer-share', 'utility.tstr_auc': 'utility.tstr', 'utility.tstr_r2': 'utility.tstr' };

/** `fidelity.two-sample` -> `fidelity.two_sample`: the family, a point, and a name of the language. */
export const metricName = (id: string): string => {
  const at = id.indexOf('.');
  return `${snake(id.slice(0, at))}.${snake(id.slice(at + 1))}`;
};
/** `purposes`: only their targets have it. */
export interface KnownMetric { name: string; info: MetricInfo; purposes?: ReadonlyArray<Plan['purpose']> }
let listed: readonly KnownMetric[] | undefined;
/** The evaluators' metrics, and what a run says of its own target: whether the condition holds, the shares and the gap were reached. */
export const knownMetrics = (): readonly KnownMetric[] => (listed ??= [...targetFigures, ...metrics].map((m) => ({ name: metricName(m.info.id), info: m.info, ...('purposes' in m && m.purposes && { purposes: m.purposes }) })));

/** The metric of this name, its own or one it goes by. */
export function metricNamed(name: string): MetricInfo | undefined {
  const own = knownMetrics().find((m) => m.name === name)?.info;
  return own ?? metrics.find(({ info }) => info.id === aliases[name])?.info;
}

/** One setting of a generator, as the language and its completions show it. */
export interface KnownSetting { name: string; key: string; what: string; values: string; default: string; choices?: string[]; type: string; minimum?: number; maximum?: number }

interface JsonSetting { type?: string; enum?: unknown[]; minimum?: number; maximum?: number; exclusiveMinimum?: number; exclusiveMaximum?: number; default?: unknown; description?: string; anyOf?: JsonSetting[]; items?: JsonSetting }

/**
 * What generators take, read from their schemas. A schema comes with the generator's code, so it is loaded when a file first names the generator,
 * and whoever asks before that is told `undefined` and later that something changed.
 */
export class Settings {
  private readonly known = new Map<string, KnownSetting[] | undefined>();
  private readonly schemas = new Map<string, z.ZodObject>();
  readonly pending = new Set<Promise<void>>();
  constructor(private readonly changed: () => void) {}

  /** @returns undefined while they are not known yet */
  peek(id: string): KnownSetting[] | undefined {
    if (this.known.has(id)) return this.known.get(id);
    const entry = generators.find((g) => g.id === id);
    if (!entry) return undefined;
    this.known.set(id, undefined);
    const loading: Promise<void> = entry.load().then(({ parameters }) => {
      this.schemas.set(id, parameters);
      this.known.set(id, settingsOf(parameters));
    }, () => this.known.set(id, [])).then(() => {
      this.pending.delete(loading);
      this.changed();
    });
    this.pending.add(loading);
    return undefined;
  }

  /** What a generator's own schema says against these parameters, in words; undefined where nothing, or where the schema is not known yet. */
  problem(id: string, key: string, value: unknown): string | undefined {
    const field = this.schemas.get(id)?.shape[key] as z.ZodType | undefined;
    const result = field?.safeParse(value);
    return result && !result.success ? result.error.issues[0]?.message : undefined;
  }
}

function settingsOf(parameters: z.ZodObject): KnownSetting[] {
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' }) as { properties?: Record<string, JsonSetting> };
  return Object.entries(properties).map(([key, p]) => {
    const low = bound(p.minimum ?? p.exclusiveMinimum), high = bound(p.maximum ?? p.exclusiveMaximum), choices = p.enum?.map(String) ?? (p.type === 'boolean' ? ['true', 'false'] : undefined);
    return {
      name: snakeOfCamel(key), key, what: p.description ?? '', type: p.type ?? (p.enum ? 'choice' : 'any'), values: valuesOf(p), default: p.default === undefined ? 'chosen from the table' : JSON.stringify(p.default).replaceAll('"', '') || 'none',
      ...(choices && { choices }), ...(low !== undefined && { minimum: low }), ...(high !== undefined && { maximum: high }),
    };
  });
}
/** `valuesAsCategories` -> `values_as_categories`: settings are names of the language too. */
export const snakeOfCamel = (key: string): string => key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** A bound of the number format itself says nothing. */
const bound = (v: number | undefined): number | undefined => (v !== undefined && Math.abs(v) < Number.MAX_SAFE_INTEGER ? v : undefined);

function valuesOf(p: JsonSetting): string {
  if (p.anyOf) return p.anyOf.map(valuesOf).join(' or ');
  if (p.enum) return p.enum.join(', ');
  if (p.type === 'boolean') return 'true or false';
  if (p.type === 'array') return `a list of ${p.items ? valuesOf(p.items) : 'values'}`;
  if (p.type !== 'number' && p.type !== 'integer') return 'a text';
  const low = bound(p.minimum ?? p.exclusiveMinimum), high = bound(p.maximum ?? p.exclusiveMaximum), what = p.type === 'integer' ? 'a whole number' : 'a number';
  if (low !== undefined && high !== undefined) return `${what}, ${low}..${high}`;
  return low !== undefined ? `${what} ${p.minimum === undefined ? 'above' : 'from'} ${low}` : high !== undefined ? `${what} up to ${high}` : what;
}
