import type { Command } from 'commander';

import type { CommandContext } from '../command-context.ts';

/** `wwhd keys`: the keys that sign access tokens. */
export function addKeysCommand(program: Command, context: CommandContext): void {
  const keys = program
    .command('keys')
    .description('list and rotate the keys that sign access tokens')
    .addHelpText('after', '\nExample:\n  wwhd keys rotate');
  const load = () => import('../run-keys.ts');
  keys
    .command('list')
    .description('list the keys, without their secrets')
    .option('--json', 'print them as a JSON list')
    .addHelpText('after', '\nExample:\n  wwhd keys list')
    .action(async (options: { json?: true }) =>
      (await load()).runKeysList(context, { isJson: options.json === true }),
    );
  keys
    .command('rotate')
    .description('make a new key; tokens of the present one stay valid until they end')
    .option('--force', 'also when the last rotation is less than an hour ago')
    .addHelpText('after', '\nExample:\n  wwhd keys rotate && systemctl restart wwhd')
    .action(async (options: { force?: true }) =>
      (await load()).runKeysRotate(context, { isForced: options.force === true }),
    );
}
