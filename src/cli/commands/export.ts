import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';
import type { ExportOptions } from '../export/run-export.ts';

/** `wwhd export`: the knowledge of a running server, or a persona with its knowledge, as a folder of files. */
export function addExportCommand(program: Command, context: CommandContext): void {
  program
    .command('export')
    .description('write the knowledge of a server, or a persona pack, into a folder')
    .requiredOption('--out <folder>', 'new or empty folder that takes the files')
    .option('--namespace <name>', 'only this namespace')
    .option('--persona <id>', 'a pack of this persona: its files of this installation, and its knowledge')
    .option('--api-url <address>', 'server (WWHD_API_URL); else the one on this machine')
    .option('--api-token <token>', 'token or API key of a curator; safer in WWHD_API_TOKEN')
    .addHelpText(
      'after',
      '\nRead it back with "wwhd import --from <folder>".\nExit code 0: all well, 1: something failed, 2: wrong usage.\n\nExample:\n  wwhd export --out ./backup\n  wwhd export --persona herman --out ./herman',
    )
    .action(async (options: ExportOptions) => {
      const { runExport } = await import('../export/run-export.ts');
      context.exitWith(await runExport(context, options));
    });
}
