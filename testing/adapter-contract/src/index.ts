export { codeLines } from './code-lines.ts';
export { adapterContract } from './contract.ts';
export type { Driver, Left, Mount, Served, StartOptions } from './driver.ts';
