import { dual } from '../../tsdown.shared.ts';

// unlike core this one is for Node alone: it answers on sockets of node:http
export default dual(['index', 'health/index', 'testing/index']).map((config) => ({
  ...config,
  platform: 'node' as const,
}));
