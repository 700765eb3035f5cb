import { dual } from '../../tsdown.shared.ts';

// for Node alone: it throws the errors of node:assert, which every test runner shows well
export default dual(['index']).map((config) => ({ ...config, platform: 'node' as const }));
