import { type Config, type Environment, loadConfig, readEnvironment } from '../server/config.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: 0 all well, 1 it failed, 2 the command line is wrong, 130 stopped by Ctrl-C. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, stopped: 130 } as const;

/** What every command is given. */
export type CommandContext = {
  terminal: Terminal;
  /** The variables of the process, without `.env`. */
  environment: Environment;
  /** The working folder, absolute. */
  folder: string;
  stdin: NodeJS.ReadStream;
  now: () => Date;
  /** Sets the exit code of the process. */
  exitWith: (code: number) => void;
};

/** A command that cannot go on, with a message for the user and an exit code; `usage` mistakes exit with 2. */
export class CommandFailure extends Error {
  readonly exitCode: number;

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CommandFailure';
    this.exitCode = options.exitCode ?? exitCodes.failed;
  }
}

/** A failure that says how to write the command. */
export function usageMistake(message: string): CommandFailure {
  return new CommandFailure(message, { exitCode: exitCodes.usage });
}

/** The variables of the process above those of `.env` in the working folder. @throws ConfigError for a broken `.env` */
export function readVariables(context: CommandContext): Environment {
  return readEnvironment(context.folder, context.environment);
}

/** The configuration that a server started here would use. @throws ConfigError */
export function readConfig(context: CommandContext): Config {
  return loadConfig({ env: readVariables(context), baseFolder: context.folder });
}
