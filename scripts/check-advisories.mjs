// Asks the package registry for known vulnerabilities of what runs in production; says so and goes on when offline.
import { spawnSync } from 'node:child_process';

import { fail, root } from './toolchain.mjs';

const TIMEOUT_MS = 60_000;
const run = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
  timeout: TIMEOUT_MS,
});
const report = parse(run.stdout);
if (report?.metadata?.vulnerabilities === undefined) {
  process.stdout.write(
    'skipped: the registry gives no advisories (offline, or it does not know `npm audit`)\n',
  );
} else {
  const { high = 0, critical = 0, total = 0 } = report.metadata.vulnerabilities;
  if (high + critical > 0)
    fail(`npm audit: ${high} high and ${critical} critical advisories. Run npm audit and update.`);
  process.stdout.write(`${total} advisories, none of them high or critical\n`);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
