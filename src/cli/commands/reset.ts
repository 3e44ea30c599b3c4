import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';

/** `wwhd reset`: back to an empty installation. */
export function addResetCommand(program: Command, context: CommandContext): void {
  program
    .command('reset')
    .description('remove all data: accounts, chats, documents and index')
    .option('--confirm', 'really remove it')
    .addHelpText(
      'after',
      '\nWithout --confirm it only says what would be removed.\n\nExample:\n  wwhd reset --confirm',
    )
    .action(async (options: { confirm?: true }) => {
      const { runReset } = await import('../run-reset.ts');
      context.exitWith(runReset(context, { isConfirmed: options.confirm === true }));
    });
}
