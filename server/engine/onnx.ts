/**
 * ONNX models as plain objects, and their bytes. The descriptor holds only the messages and fields this engine writes;
 * numbers and names are those of onnx.proto3 (ONNX 1.17, IR version 9).
 */
import protobuf from 'protobufjs/light';

export interface Attribute { name: string; type: number; f?: number; i?: number; s?: Uint8Array; ints?: number[]; floats?: number[]; g?: Graph; t?: TensorData }
export interface Node { opType: string; domain?: string; name?: string; input: string[]; output: string[]; attribute?: Attribute[] }
export interface TensorData { name?: string; dims: number[]; dataType: number; rawData: Uint8Array }
export interface ValueInfo { name: string; type: { tensorType: { elemType: number; shape: { dim: Array<{ dimValue?: number; dimParam?: string }> } } } }
export interface Graph { name: string; node: Node[]; initializer: TensorData[]; input: ValueInfo[]; output: ValueInfo[] }
export interface Model { irVersion: number; producerName: string; opsetImport: Array<{ domain: string; version: number }>; graph: Graph }

/** TensorProto.DataType */
export const elementType = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;
export type OnnxType = keyof typeof elementType;

const f = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule ? { rule } : {}) });
const root = protobuf.Root.fromJSON({
  nested: {
    onnx: {
      nested: {
        AttributeProto: { fields: { name: f(1, 'string'), f: f(2, 'float'), i: f(3, 'int64'), s: f(4, 'bytes'), t: f(5, 'TensorProto'), g: f(6, 'GraphProto'), floats: f(7, 'float', 'repeated'), ints: f(8, 'int64', 'repeated'), type: f(20, 'int32') } },
        NodeProto: { fields: { input: f(1, 'string', 'repeated'), output: f(2, 'string', 'repeated'), name: f(3, 'string'), opType: f(4, 'string'), attribute: f(5, 'AttributeProto', 'repeated'), domain: f(7, 'string') } },
        TensorProto: { fields: { dims: f(1, 'int64', 'repeated'), dataType: f(2, 'int32'), name: f(8, 'string'), rawData: f(9, 'bytes') } },
        Dimension: { fields: { dimValue: f(1, 'int64'), dimParam: f(2, 'string') } },
        TensorShapeProto: { fields: { dim: f(1, 'Dimension', 'repeated') } },
        TensorType: { fields: { elemType: f(1, 'int32'), shape: f(2, 'TensorShapeProto') } },
        TypeProto: { fields: { tensorType: f(1, 'TensorType') } },
        ValueInfoProto: { fields: { name: f(1, 'string'), type: f(2, 'TypeProto') } },
        GraphProto: { fields: { node: f(1, 'NodeProto', 'repeated'), name: f(2, 'string'), initializer: f(5, 'TensorProto', 'repeated'), input: f(11, 'ValueInfoProto', 'repeated'), output: f(12, 'ValueInfoProto', 'repeated') } },
        OperatorSetIdProto: { fields: { domain: f(1, 'string'), version: f(2, 'int64') } },
        ModelProto: { fields: { irVersion: f(1, 'int64'), producerName: f(2, 'string'), graph: f(7, 'GraphProto'), opsetImport: f(8, 'OperatorSetIdProto', 'repeated') } },
      },
    },
  },
});
const ModelProto = root.lookupType('onnx.ModelProto');

/** The opset programs are written in: 18 is the first with `axes` as input on every reduction and additive scatters. */
export const opset = 18;

export function encodeModel(graph: Graph): Uint8Array {
  const model: Model = { irVersion: 9, producerName: 'understudy', opsetImport: [{ domain: '', version: opset }, { domain: 'com.microsoft', version: 1 }], graph };
  return ModelProto.encode(ModelProto.create(model as unknown as Record<string, unknown>)).finish();
}
/** For tests: every node of a model, subgraphs included. */
export function decodeNodes(bytes: Uint8Array): Node[] {
  const all: Node[] = [];
  const walk = (g: Graph): void => { for (const n of g.node) { all.push(n); for (const a of n.attribute ?? []) if (a.g) walk(a.g); } };
  walk((ModelProto.decode(bytes) as unknown as Model).graph);
  return all;
}

export function valueInfo(name: string, type: OnnxType, shape: ReadonlyArray<number | string>): ValueInfo {
  return { name, type: { tensorType: { elemType: elementType[type], shape: { dim: shape.map((d) => (typeof d === 'string' ? { dimParam: d } : { dimValue: d })) } } } };
}
/** AttributeProto.AttributeType */
const kind = { float: 1, int: 2, string: 3, graph: 5, floats: 6, ints: 7 };
export type AttributeValue = number | boolean | string | number[] | Graph | { float: number };
/** Numbers are integers unless wrapped as {float}. */
export function attribute(name: string, v: AttributeValue): Attribute {
  if (typeof v === 'boolean') return { name, type: kind.int, i: Number(v) };
  if (typeof v === 'number') return { name, type: kind.int, i: v };
  if (typeof v === 'string') return { name, type: kind.string, s: new TextEncoder().encode(v) };
  if (Array.isArray(v)) return { name, type: kind.ints, ints: v };
  if ('float' in v) return { name, type: kind.float, f: v.float };
  return { name, type: kind.graph, g: v };
}
export function tensor(name: string, type: OnnxType, dims: readonly number[], data: ArrayBufferView | number[]): TensorData {
  let view: ArrayBufferView;
  if (!Array.isArray(data)) view = data;
  else if (type === 'int64') view = BigInt64Array.from(data, BigInt);
  else if (type === 'int32') view = Int32Array.from(data);
  else if (type === 'bool') view = Uint8Array.from(data);
  else view = Float32Array.from(data);
  return { name, dims: [...dims], dataType: elementType[type], rawData: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) };
}
