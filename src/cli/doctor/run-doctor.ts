import type { Config } from '../../server/config.ts';
import type { Fetch } from '../../shared/client/create-transport.ts';
import { type CommandContext, exitCodes, readConfig } from '../command-context.ts';
import { readApiUrl } from '../connection.ts';
import type { Terminal } from '../terminal.ts';
import { type Check, ok, problem, reasonOf, warning } from './check.ts';
import { checkDatabase } from './check-database.ts';
import { checkDisk, checkRuntime } from './check-machine.ts';
import { checkModels, checkPersonas, checkServer } from './check-services.ts';

/**
 * Runs every check and prints one line each, or a JSON list.
 * @returns the exit code: 1 when there is a problem
 */
export async function runDoctor(context: CommandContext, options: { isJson: boolean }): Promise<number> {
  const { terminal } = context;
  const checks = await collectChecks(context);
  if (options.isJson) terminal.write(`${JSON.stringify(checks, null, 2)}\n`);
  else for (const check of checks) terminal.write(`${formatCheck(check, terminal)}\n`);
  return checks.some(({ status }) => status === 'problem') ? exitCodes.failed : exitCodes.ok;
}

async function collectChecks(context: CommandContext): Promise<Check[]> {
  const fetchFunction: Fetch = (address, init) => globalThis.fetch(address, init);
  const runtime = checkRuntime(process.versions.node);
  let config: Config;
  try {
    config = readConfig(context);
  } catch (error) {
    return [runtime, ...problemsOf(error)];
  }
  const [models, server] = await Promise.all([
    checkModels(config.models, fetchFunction),
    checkServer(readApiUrl(context, undefined), fetchFunction),
  ]);
  return [
    runtime,
    ...checkConfiguration(config),
    ...checkDisk(config.data.folder),
    ...checkDatabase(config.data.databasePath),
    ...checkPersonas(config.personas),
    ...models,
    server,
  ];
}

function checkConfiguration(config: Config): Check[] {
  if (config.warnings.length === 0) return [ok('configuration', config.environment)];
  const fix = 'Keep one of the settings.';
  return config.warnings.map((detail) => warning('configuration', { detail, fix }));
}

/** A configuration error lists its problems, each with its own fix. */
function problemsOf(error: unknown): Check[] {
  const problems =
    error instanceof Error && 'problems' in error && Array.isArray(error.problems)
      ? error.problems.map(String)
      : [reasonOf(error)];
  return problems.map((detail) =>
    problem('configuration', {
      detail,
      fix: 'Correct the setting and run this again; the rest was not checked.',
    }),
  );
}

function formatCheck(check: Check, terminal: Terminal): string {
  const paint = { ok: terminal.green, warning: terminal.yellow, problem: terminal.red }[check.status];
  const fix = check.fix === undefined ? '' : `\n${' '.repeat(9)}${terminal.bold('->')} ${check.fix}`;
  return `${paint(check.status.padEnd(7))}  ${check.name}: ${check.detail}${fix}`;
}
