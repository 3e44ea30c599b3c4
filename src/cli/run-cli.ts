import { Command, CommanderError } from 'commander';

import { type CommandContext, exitCodes } from './command-context.ts';
import { addAskCommand } from './commands/ask.ts';
import { addAuditCommand } from './commands/audit.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvalCommand } from './commands/eval.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addKeysCommand } from './commands/keys.ts';
import { addResetCommand } from './commands/reset.ts';
import { addServeCommand } from './commands/serve.ts';
import { addUserCommand } from './commands/user.ts';

/**
 * The `wwhd` program: reads the arguments and runs one command. Commands load their code only when they run.
 * @param options.args the arguments after the program's name
 * @returns the exit code
 */
export async function runCli(options: {
  args: readonly string[];
  context: Omit<CommandContext, 'exitWith'>;
}): Promise<number> {
  let exitCode: number = exitCodes.ok;
  const { terminal } = options.context;
  const context: CommandContext = {
    ...options.context,
    exitWith: (code) => {
      exitCode = code;
    },
  };
  const program = createProgram(context);
  try {
    await program.parseAsync(options.args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    terminal.say(terminal.red(messageOf(error)));
    if (options.args.includes('--verbose')) terminal.say(stackOf(error));
    const code: unknown = error instanceof Error && 'exitCode' in error ? error.exitCode : undefined;
    return typeof code === 'number' ? code : exitCodes.failed;
  }
  return exitCode;
}

function createProgram(context: CommandContext): Command {
  const program = new Command('wwhd')
    .description('Conversations with a persona that answers only from knowledge its owner curates.')
    .option('--verbose', 'show the stack of an error')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .exitOverride()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .configureOutput({
      writeOut: (text) => context.terminal.write(text),
      writeErr: (text) => context.terminal.say(text.trimEnd()),
    });
  for (const add of [
    addServeCommand,
    addAskCommand,
    addImportCommand,
    addExportCommand,
    addUserCommand,
    addKeysCommand,
    addAuditCommand,
    addDoctorCommand,
    addEvalCommand,
    addResetCommand,
  ]) {
    add(program, context);
  }
  const addVerbose = (command: Command): void => {
    for (const child of command.commands) {
      child.option('--verbose', 'show the stack of an error');
      addVerbose(child);
    }
  };
  addVerbose(program);
  return program;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\nCaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
