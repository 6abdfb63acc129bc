/** Devices: where programs run. */
import { cpus } from 'node:os';
import type { DeviceChoice, DeviceInfo } from '../protocol';
import { compileProgram, type Program, type ProgramSpec } from './program';
import type { SessionSettings } from './session';
import { createTrainer, type Trainer, type TrainOptions, type TrainSpec } from './trainer';

export interface Device {
  readonly info: DeviceInfo;
  compile<O extends string>(spec: ProgramSpec<O>): Promise<Program<O>>;
  train(spec: TrainSpec, options: TrainOptions): Promise<Trainer>;
}
export function makeDevice(info: DeviceInfo, settings: SessionSettings): Device {
  return { info, compile: (spec) => compileProgram(spec, settings), train: (spec, options) => createTrainer(spec, options, settings) };
}
export async function openDevice(choice: DeviceChoice, options: { threads?: number } = {}): Promise<Device> {
  void choice;
  const threads = options.threads ?? cpus().length;
  return makeDevice({ name: 'cpu', description: `CPU, ${threads} threads` }, { target: 'cpu', threads });
}
