import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';

/** `wwhd serve`: the server, until it is stopped. */
export function addServeCommand(program: Command, _context: CommandContext): void {
  program
    .command('serve')
    .description('start the server with the settings of the environment and .env')
    .addHelpText('after', '\nExample:\n  PORT=8080 wwhd serve')
    .action(async () => {
      const { serve } = await import('../../server/main.ts');
      await serve();
    });
}
