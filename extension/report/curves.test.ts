import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../server/protocol';
import { LiveCurves } from './curves';

function listening() {
  let listen!: (run: RunRecord) => void;
  const curves = new LiveCurves({ onChange: (f) => { listen = f; return { dispose() {} }; } });
  const at = (step: number, loss?: number, validationLoss?: number, state: RunRecord['state'] = 'running') => listen({ id: 'r', state, progress: { phase: 'training', fraction: 0, step, ...(loss !== undefined && { loss }), ...(validationLoss !== undefined && { validationLoss }) } } as RunRecord);
  return { curves, at };
}

describe('the curve of a run that goes on', () => {
  it('holds each step once, and a validation loss where it was measured', () => {
    const { curves, at } = listening();
    at(10, 3); at(10, 3); at(20, 2, 2.5); at(30, 1.5, 2.5); at(40, 1.2, 2.1); at(50, Number.NaN, 2.1);
    expect(curves.of('r')).toEqual({ steps: [10, 20, 30, 40], loss: [3, 2, 1.5, 1.2], validationSteps: [20, 40], validation: [2.5, 2.1] });
    expect(curves.of('r').steps).not.toBe(curves.of('r').steps);
    expect(curves.of('other').steps).toEqual([]);
  });
  it('goes back with a run that was resumed from its checkpoint, and forgets a finished one', () => {
    const { curves, at } = listening();
    at(10, 3, 3.2); at(20, 2, 2.9); at(30, 1, 2.8); at(15, 2.4);
    expect(curves.of('r')).toEqual({ steps: [10, 15], loss: [3, 2.4], validationSteps: [10], validation: [3.2] });
    at(16, 1, 1, 'finished');
    expect(curves.of('r').steps).toEqual([]);
  });
  it('stays small, from the first point to the last', () => {
    const { curves, at } = listening();
    for (let i = 1; i <= 5000; i++) at(i, 1 / i);
    const { steps } = curves.of('r');
    expect(steps.length).toBeLessThanOrEqual(600);
    expect(steps.at(-1)).toBe(5000);
    expect(steps[0]).toBeLessThan(100);
  });
});
