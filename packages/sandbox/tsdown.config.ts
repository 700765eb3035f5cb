import { dual } from '../../tsdown.shared.ts';

// unlike the other packages this one is for Node alone: it listens
export default dual(['index', 'testing/index', 'cli']).map((config) => ({
  ...config,
  platform: 'node' as const,
  // knows where it lies, so it has to stay where it is
  deps: { neverBundle: ['#place'] },
  // the dashboard has a build of its own, and may be on somebody's screen
  clean: config.outDir === 'dist' ? ['dist', '!dist/dashboard', '!dist/dashboard/**'] : true,
}));
