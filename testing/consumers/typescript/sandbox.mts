import { pesos, TaloClient } from '@talo/core';
import { createSandbox } from '@talo/sandbox';

const sandbox = createSandbox({ clock: 'virtual' });
const client = new TaloClient({ fetch: sandbox.fetch, ...sandbox.merchant });
sandbox.bank.transfer({ to: '0000630500008064475741', amount: pesos(1) });
// @ts-expect-error: there are two clocks
createSandbox({ clock: 'sundial' });
void client;
