import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';

/** `wwhd doctor`: what works, what does not, and what to do about it. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('check configuration, disk, database, index, personas, models and the running server')
    .option('--json', 'print the checks as a JSON list')
    .addHelpText(
      'after',
      '\nExit code 1 when there is a problem; warnings leave it 0.\n\nExample:\n  wwhd doctor',
    )
    .action(async (options: { json?: true }) => {
      const { runDoctor } = await import('../doctor/run-doctor.ts');
      context.exitWith(await runDoctor(context, { isJson: options.json === true }));
    });
}
