// Checks that every package which runs in production has a licence that lets us ship it. Prints what it found.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fail, root } from './toolchain.mjs';

const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'CC-BY-3.0',
  'CC-BY-4.0',
  'ISC',
  'MIT',
  'MIT-0',
  'MPL-2.0',
  'Python-2.0',
  'Unlicense',
  'WTFPL',
  'Zlib',
]);

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const counts = new Map();
const problems = [];
for (const [path, entry] of Object.entries(packages)) {
  if (path === '' || entry.dev || entry.devOptional) continue;
  const file = join(root, path, 'package.json');
  // Optional packages of other platforms are in the lockfile and not on this disk.
  const installed = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  const licence = nameOf(installed?.license ?? installed?.licenses ?? entry.license);
  if (isAllowed(licence)) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  else problems.push(`${path.replace(/^.*node_modules\//, '')} ${entry.version}: ${licence}`);
}

if (problems.length > 0)
  fail(`Licences that are not in the list of scripts/check-licences.mjs:\n  ${problems.join('\n  ')}`);
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
const list = [...counts].sort((a, b) => b[1] - a[1]).map(([licence, count]) => `${licence} ${count}`);
process.stdout.write(`${total} packages: ${list.join(', ')}\n`);

function nameOf(licence) {
  if (Array.isArray(licence)) return licence.map(nameOf).join(' OR ');
  if (licence !== null && typeof licence === 'object') return nameOf(licence.type);
  return licence ?? 'none';
}

/** An SPDX expression of AND and OR, with at most one level of brackets. */
function isAllowed(expression) {
  const plain = expression.replaceAll(/[()]/g, '');
  return plain
    .split(/\s+OR\s+/)
    .some((choice) => choice.split(/\s+AND\s+/).every((name) => ALLOWED.has(name)));
}
