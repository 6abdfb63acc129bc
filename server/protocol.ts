/**
 * Every message and stored record that crosses a process boundary: extension <-> server <-> worker <-> webview <-> disk.
 * Types only; plain JSON; a file that imports this imports no code.
 */
export type * from './protocol/tables';
export type * from './protocol/privacy';
export type * from './protocol/targets';
export type * from './protocol/rows';
export type * from './protocol/plan';
export type * from './protocol/language';
export type * from './protocol/training';
export type * from './protocol/figures';
export type * from './protocol/inline';
export type * from './protocol/exposure';
export type * from './protocol/laboratory';
export type * from './protocol/assistant';
export type * from './protocol/requests';
