/** A compiled function: expressions of named inputs, run as often as wanted. */
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Expr, InputSpec, Shape, Values } from './expr';
import { lowerFunction } from './lower';
import { input } from './ops';
import { asTensor, createSession, engineError, type SessionSettings } from './session';

export interface ProgramSpec<O extends string> {
  inputs: Record<string, InputSpec>;
  /** Weights baked in (packed once by the runtime, so faster); they appear among `inputs` of the callback. */
  frozen?: Record<string, { shape: Shape; values: Float32Array }>;
  outputs(inputs: Record<string, Expr>): Record<O, Expr>;
}
export interface Program<O extends string = string> {
  /** Values in row-major order, not copied. The result's arrays are fresh, unless given in `into`. */
  run(feeds: Record<string, Values>, into?: Partial<Record<O, Values>>): Promise<Record<O, Values>>;
  readonly outputs: Record<O, InputSpec>;
  release(): Promise<void>;
}

export async function compileProgram<O extends string>(spec: ProgramSpec<O>, settings: SessionSettings): Promise<Program<O>> {
  const inputs: Record<string, Expr> = {}, frozen: Record<string, Float32Array> = {};
  for (const [name, s] of Object.entries(spec.inputs)) inputs[name] = input(name, s.shape, s.dtype);
  for (const [name, s] of Object.entries(spec.frozen ?? {})) {
    if (inputs[name]) throw new Error(`compile: "${name}" is both an input and frozen`);
    inputs[name] = input(name, s.shape);
    frozen[name] = s.values;
  }
  const outputs = spec.outputs(inputs);
  const session = await createSession(lowerFunction(outputs, settings.target, frozen), settings);
  const used = new Set(session.inputNames);
  const described = Object.fromEntries(Object.entries<Expr>(outputs).map(([n, x]) => [n, { shape: x.shape, dtype: x.dtype }])) as Record<O, InputSpec>;
  const names = Object.keys(outputs) as O[];
  // What can be decided once is decided here: run() only wraps arrays.
  const plan = Object.entries(spec.inputs).filter(([n]) => used.has(`in:${n}`)).map(([n, s]) => ({ n, key: `in:${n}`, ...s }));
  let live: InferenceSession | undefined = session;
  return {
    outputs: described,
    async run(feeds, into) {
      if (!live) throw new Error('program: already released');
      const given: Record<string, Tensor> = {}, wanted: Record<string, Tensor | null> = {};
      for (const { n, key, dtype, shape } of plan) given[key] = asTensor(feeds[n], dtype, shape, n);
      for (const n of names) wanted[`out:${n}`] = into?.[n] ? asTensor(into[n]!, described[n].dtype, described[n].shape, n) : null;
      try {
        const r = await live.run(given, wanted);
        return Object.fromEntries(names.map((n) => [n, (into?.[n] ?? r[`out:${n}`].data) as Values])) as Record<O, Values>;
      } catch (e) { throw engineError(e, 'running a program', settings.target); }
    },
    async release() { const s = live; live = undefined; await s?.release(); },
  };
}
