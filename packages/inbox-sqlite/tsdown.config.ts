import { dual } from '../../tsdown.shared.ts';

// unlike core this one is for Node alone: it stands on node:sqlite
export default dual(['index']).map((config) => ({ ...config, platform: 'node' as const }));
