// The npm scripts: prepares the clone, then hands over to the right program on the pinned Node.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  ensureBuild,
  ensureDependencies,
  ensureRuntime,
  fail,
  handOver,
  programFlags,
  root,
} from './toolchain.mjs';

const [command, ...rest] = process.argv.slice(2);
const node = ensureRuntime();
ensureDependencies(node);

const bin = (name, file) => join(root, 'node_modules', name, file);
const oxfmt = bin('oxfmt', 'bin/oxfmt');
const oxlint = bin('oxlint', 'bin/oxlint');
const vitest = bin('vitest', 'vitest.mjs');

/** Runs the steps one after another and fails at the end when one failed, so that one run shows everything. */
function runAll(steps) {
  const env = { ...process.env, PATH: `${join(node, '..')}:${process.env.PATH}` };
  const failed = steps.filter(([name, ...args]) => {
    process.stdout.write(`\n== ${name}\n`);
    return spawnSync(node, args, { cwd: root, stdio: 'inherit', env }).status !== 0;
  });
  if (failed.length > 0) fail(`failed: ${failed.map(([name]) => name).join(', ')}`);
}

const commands = {
  start() {
    ensureBuild(node);
    handOver(node, [...programFlags, join(root, 'dist', 'cli.js'), 'serve', ...rest]);
  },
  dev() {
    ensureBuild(node);
    const source = join(root, 'src', 'cli', 'main.ts');
    handOver(node, [
      '--watch-path',
      join(root, 'src', 'server'),
      '--watch-path',
      join(root, 'src', 'shared'),
      source,
      'serve',
      ...rest,
    ]);
  },
  build() {
    ensureBuild(node, { force: true });
  },
  check() {
    runAll([
      ['format', oxfmt, '--check', '.'],
      ['lint', oxlint, '--type-aware', '--deny-warnings'],
      ['types', bin('typescript', 'bin/tsc'), '--noEmit', '-p', 'tsconfig.json'],
      ['generated files', join(root, 'scripts', 'generate.ts'), '--check'],
      ['licences', join(root, 'scripts', 'check-licences.mjs')],
      ['advisories', join(root, 'scripts', 'check-advisories.mjs')],
    ]);
  },
  fix() {
    runAll([
      ['lint', oxlint, '--type-aware', '--fix'],
      ['format', oxfmt, '.'],
      ['generated files', join(root, 'scripts', 'generate.ts')],
    ]);
  },
  sbom() {
    const run = spawnSync(
      'npm',
      ['sbom', '--omit=dev', '--package-lock-only', '--sbom-format', 'cyclonedx'],
      { cwd: root, encoding: 'utf8', maxBuffer: 1e9 },
    );
    if (run.status !== 0) fail(`npm sbom failed: ${run.stderr}`);
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(join(root, 'dist', 'sbom.json'), run.stdout);
    process.stdout.write('wrote dist/sbom.json\n');
  },
  test() {
    ensureBuild(node);
    handOver(node, [vitest, 'run', ...rest]);
  },
  'test:full'() {
    ensureBuild(node);
    handOver(node, [vitest, 'run', '--config', 'vitest.full.config.ts', ...rest]);
  },
  bench() {
    ensureBuild(node);
    handOver(node, ['--expose-gc', join(root, 'bench', 'main.ts'), ...rest]);
  },
  eval() {
    ensureBuild(node);
    handOver(node, [join(root, 'dist', 'cli.js'), 'eval', ...rest]);
  },
};

if (!Object.hasOwn(commands, command ?? ''))
  fail(`unknown script "${command}". Known: ${Object.keys(commands).join(', ')}`);
commands[command]();
