/**
 * Lowering: from expressions to an ONNX model. Equal subexpressions are merged, each primitive becomes one or a few
 * ONNX nodes by its rule, and where a program has a loop, whatever does not change from step to step stays outside it.
 */
import { createHash } from 'node:crypto';
import { sameShape, topological, type DType, type Expr, type Shape } from './expr';
import { attribute, encodeModel, tensor, valueInfo, type AttributeValue, type Graph, type Node, type OnnxType, type TensorData, type ValueInfo } from './onnx';
import { rules } from './lowerings';

/** What the lowering may use. `webgpu` has no kernels for some of ONNX Runtime's own fused operators. */
export type Target = 'cpu' | 'webgpu' | 'cuda' | 'directml' | 'coreml';

/** Collects the nodes of one graph (the model's, or a loop body's); constants always go to the model's. */
export class Scope {
  readonly nodes: Node[] = [];
  constructor(readonly model: Emitter) {}
  /** Appends a node and returns its (first) output's name. */
  emit(opType: string, input: string[], attributes: Record<string, AttributeValue> = {}, domain = ''): string {
    const out = this.model.fresh();
    this.nodes.push({ opType, domain, name: `${opType}_${out}`, input, output: [out], attribute: Object.entries(attributes).map(([k, v]) => attribute(k, v)) });
    return out;
  }
  /** Names the value as an output of this graph: by renaming where a node of this graph made it and it is no output yet, else by a copy. */
  output(value: string, name: string): void {
    const made = this.outputs.has(value) ? undefined : this.nodes.find((n) => n.output[0] === value);
    this.outputs.add(value);
    if (made) this.model.renamed.set(value, name); else this.nodes.push({ opType: 'Identity', input: [value], output: [name] });
  }
  private readonly outputs = new Set<string>();
  constant(type: OnnxType, dims: readonly number[], data: ArrayBufferView | number[]): string { return this.model.constant(type, dims, data); }
  ints(...v: number[]): string { return this.constant('int64', [v.length], v); }
  get target(): Target { return this.model.target; }
}

/** A merged expression: what it is, the merged operands, how many uses it has. */
export interface Merged { readonly expr: Expr; readonly inputs: readonly Merged[]; uses: number; looped: boolean }

export class Emitter {
  readonly initializers: TensorData[] = [];
  private names = 0;
  readonly renamed = new Map<string, string>();
  /** Applies the renames to a finished graph. */
  finish(nodes: readonly Node[]): Node[] {
    const name = (n: string): string => this.renamed.get(n) ?? n;
    return nodes.map((n) => ({ ...n, input: n.input.map(name), output: n.output.map(name) }));
  }
  private readonly constants = new Map<string, string>();
  constructor(readonly target: Target) {}
  fresh(): string { return `t${this.names++}`; }
  /** An initializer, one per distinct value. */
  constant(type: OnnxType, dims: readonly number[], data: ArrayBufferView | number[]): string {
    const t = tensor('', type, dims, data);
    const key = `${type}[${dims}]${createHash('sha256').update(t.rawData).digest('base64')}`;
    let name = this.constants.get(key);
    if (!name) { name = this.fresh(); this.constants.set(key, name); this.initializers.push({ ...t, name }); }
    return name;
  }
}

/** Merges equal subexpressions (same operation, attributes and merged operands) and counts uses. */
function merge(outputs: readonly Expr[], looped: (x: Expr) => boolean): Map<number, Merged> {
  const byId = new Map<number, Merged>(), byKey = new Map<string, Merged>(), arrays = new Map<unknown, number>();
  for (const x of topological(outputs)) {
    const inputs = x.inputs.map((y) => byId.get(y.id)!);
    const attrs = JSON.stringify(x.attrs, (k, v) => {
      if (k !== 'data') return v;
      const data = v as ArrayLike<number>;
      if (data.length <= 64) return Array.from(data, (d) => (Object.is(d, -0) ? '-0' : String(d)));
      if (!arrays.has(data)) arrays.set(data, arrays.size);
      return `#${arrays.get(data)}`;
    });
    const key = `${x.op}${attrs}${x.dtype}[${x.shape}](${inputs.map((m) => m.expr.id)})`;
    let m = byKey.get(key);
    if (!m) {
      m = { expr: x, inputs, uses: 0, looped: looped(x) || inputs.some((y) => y.looped) };
      for (const y of inputs) y.uses++;
      byKey.set(key, m);
    }
    byId.set(x.id, m);
  }
  for (const x of outputs) byId.get(x.id)!.uses++;
  return byId;
}

/** A product followed by an addition is one Gemm: y = a b + c, c broadcastable to y (no scalar: WebGPU's Gemm ends the process on one). Returns the addition's parts if so. */
function fusedBias(m: Merged): { product: Merged; bias: Merged } | undefined {
  if (m.expr.op !== 'add' || m.expr.shape.length !== 2) return undefined;
  for (const [p, c] of [[0, 1], [1, 0]]) {
    const product = m.inputs[p], bias = m.inputs[c];
    if (product.expr.op === 'matmul' && product.uses === 1 && product.looped === m.looped && sameShape(product.expr.shape, m.expr.shape) && (bias.expr.shape.length === 1 || bias.expr.shape.length === 2)) return { product, bias };
  }
  return undefined;
}

/** A sum of squares is one pass. */
function summedSquare(m: Merged): Merged | undefined {
  const [y] = m.inputs;
  return m.expr.op === 'sum' && m.expr.dtype === 'float32' && y.expr.op === 'mul' && y.inputs[0] === y.inputs[1] && y.uses === 1 && y.looped === m.looped ? y.inputs[0] : undefined;
}

export interface LoweredInput { name: string; dtype: DType; shape: ReadonlyArray<number | string> }

/** What runs in a loop: per-step inputs are stacked along a leading axis, carried values feed the next step. */
export interface LoopSpec {
  /** Inputs that arrive stacked [K, ...]; an expression input sees one entry. */
  stacked: readonly string[];
  /** Carried input name -> its value after the step. */
  carried: Record<string, Expr>;
  /** Values recorded at every step, coming out as [K, ...]. */
  recorded: Record<string, Expr>;
}

/** Emits one scope's worth of merged nodes on demand. */
function emitter(outer: Scope, inner: Scope, names: Map<Merged, string>): (root: Merged) => string {
  return (root) => {
    const stack: Merged[] = [root];
    while (stack.length) {
      const m = stack[stack.length - 1];
      if (names.has(m)) { stack.pop(); continue; }
      const fused = fusedBias(m), squared = summedSquare(m);
      const needed = squared ? [squared] : fused ? [...fused.product.inputs, fused.bias] : m.inputs;
      const missing = needed.filter((y) => !names.has(y));
      if (missing.length) { stack.push(...missing); continue; }
      const scope = m.looped ? inner : outer;
      const x = m.expr;
      let name: string;
      if (squared) {
        name = scope.emit('ReduceSumSquare', [names.get(squared)!, scope.ints(...(x.attrs.axes as number[]))], { keepdims: x.attrs.keepDims as boolean });
      } else if (fused) {
        const { transA, transB } = fused.product.expr.attrs as { transA: boolean; transB: boolean };
        name = scope.emit('Gemm', [...fused.product.inputs, fused.bias].map((y) => names.get(y)!), { transA, transB });
      } else {
        const rule = rules[x.op];
        if (!rule) throw new Error(`lower: no ONNX rule for "${x.op}"`);
        name = rule(scope, x, m.inputs.map((y) => names.get(y)!));
      }
      names.set(m, name);
      stack.pop();
    }
    return names.get(root)!;
  };
}

/** A plain function: named inputs to named outputs. `frozen` inputs become initializers. */
export function lowerFunction(outputs: Record<string, Expr>, target: Target, frozen: Record<string, Float32Array> = {}): Uint8Array {
  const model = new Emitter(target), scope = new Scope(model), exprs = Object.values(outputs);
  const merged = merge(exprs, () => false), names = new Map<Merged, string>(), inputs: ValueInfo[] = [];
  for (const m of new Set(merged.values())) {
    if (m.expr.op !== 'input') continue;
    const name = m.expr.attrs.name as string;
    if (frozen[name]) { model.initializers.push(tensor(`in:${name}`, 'float32', m.expr.shape, frozen[name])); } else inputs.push(valueInfo(`in:${name}`, m.expr.dtype, m.expr.shape));
    names.set(m, `in:${name}`);
  }
  const emit = emitter(scope, scope, names);
  const outs = Object.entries(outputs).map(([name, x]) => {
    scope.output(emit(merged.get(x.id)!), `out:${name}`);
    return valueInfo(`out:${name}`, x.dtype, x.shape);
  });
  return encodeModel({ name: 'function', node: model.finish(scope.nodes), initializer: model.initializers, input: inputs, output: outs });
}

/**
 * K steps as one Loop. Model inputs: `steps` (int64, K), every input of the program (stacked ones as [K, ...]).
 * Outputs: `out:` + carried names with their final values, and recorded values [K, ...].
 */
export function lowerLoop(loop: LoopSpec, target: Target): Uint8Array {
  const model = new Emitter(target), outer = new Scope(model), inner = new Scope(model);
  const carried = Object.keys(loop.carried), stacked = new Set(loop.stacked), isCarried = new Set(carried);
  const exprs = [...Object.values(loop.carried), ...Object.values(loop.recorded)];
  const merged = merge(exprs, (x) => x.op === 'input' && (stacked.has(x.attrs.name as string) || isCarried.has(x.attrs.name as string)));
  const names = new Map<Merged, string>(), inputs: ValueInfo[] = [valueInfo('in:steps', 'int64', [])];
  const shapes = new Map<string, { dtype: DType; shape: Shape }>();
  // Indices on the device are int32: the loop's int64 counter is cast once a step, where the Loop itself runs.
  const index = inner.emit('Cast', ['iteration'], { to: 6 });
  for (const m of new Set(merged.values())) {
    if (m.expr.op !== 'input') continue;
    const name = m.expr.attrs.name as string, { dtype, shape } = m.expr;
    if (shapes.has(name)) throw new Error(`lower: two inputs named "${name}"`);
    shapes.set(name, { dtype, shape });
    if (stacked.has(name)) {
      inputs.push(valueInfo(`in:${name}`, dtype, ['K', ...shape]));
      names.set(m, inner.emit('Gather', [`in:${name}`, index], { axis: 0 }));
    } else {
      inputs.push(valueInfo(`in:${name}`, dtype, shape));
      names.set(m, isCarried.has(name) ? `carry:${name}` : `in:${name}`);
    }
  }
  const emit = emitter(outer, inner, names);
  const body: Graph = { name: 'step', node: [], initializer: [], input: [valueInfo('iteration', 'int64', []), valueInfo('go', 'bool', [])], output: [] };
  inner.nodes.push({ opType: 'Identity', input: ['go'], output: ['go-on'] });
  body.output.push(valueInfo('go-on', 'bool', []));
  const result = (x: Expr, name: string): ValueInfo => {
    inner.output(emit(merged.get(x.id)!), name);
    return valueInfo(name, x.dtype, x.shape);
  };
  for (const [name, x] of Object.entries(loop.carried)) {
    if (!shapes.has(name)) inputs.push(valueInfo(`in:${name}`, x.dtype, x.shape));
    body.input.push(valueInfo(`carry:${name}`, x.dtype, x.shape));
    body.output.push(result(x, `next:${name}`));
  }
  for (const [name, x] of Object.entries(loop.recorded)) body.output.push(result(x, `each:${name}`));
  const finals = [...carried.map((n) => `out:${n}`), ...Object.keys(loop.recorded).map((n) => `out:${n}`)];
  body.node = model.finish(inner.nodes);
  outer.nodes.push({ opType: 'Loop', name: 'steps', input: ['in:steps', '', ...carried.map((n) => `in:${n}`)], output: finals, attribute: [attribute('body', body)] });
  const output = [
    ...Object.entries(loop.carried).map(([n, x]) => valueInfo(`out:${n}`, x.dtype, x.shape)),
    ...Object.entries(loop.recorded).map(([n, x]) => valueInfo(`out:${n}`, x.dtype, ['K', ...x.shape])),
  ];
  return encodeModel({ name: 'training', node: model.finish(outer.nodes), initializer: model.initializers, input: inputs, output });
}
