// Packs every published package once, then runs the tests against what was packed.
// `--update` writes the export snapshots anew; `--keep` leaves the temporary folder for a look; other words are test
// files to run alone, such as `test/exports.test.ts`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { here, installNodes, packAll } from './packed.ts';

const flags = process.argv.slice(2).filter((arg) => arg.startsWith('--'));
const update = flags.includes('--update');
const chosen = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'talo-packed-'));

try {
  packAll(temporary);
  const all = ['test/*.test.ts', '../consumers/test/*.test.ts'];
  const tests = update ? ['test/exports.test.ts'] : chosen.length > 0 ? chosen : all;
  if (tests.some((file) => file.includes('consumers'))) installNodes(temporary);
  const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...tests], {
    cwd: here,
    env: { ...process.env, TALO_PACKED: temporary, TALO_UPDATE_EXPORTS: update ? '1' : '' },
    stdio: 'inherit',
  });
  process.exitCode = status ?? 1;
} finally {
  if (flags.includes('--keep')) console.log(`kept ${temporary}`);
  else rmSync(temporary, { recursive: true, force: true });
}
