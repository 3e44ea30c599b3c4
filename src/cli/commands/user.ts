import { type Command, Option } from 'commander';

import type { CommandContext } from '../command-context.ts';

type Options = { email: string; name?: string; role: 'user' | 'curator' | 'admin'; passwordStdin?: true };

/** `wwhd user`: accounts, in the database of this machine's configuration; works while the server runs. */
export function addUserCommand(program: Command, context: CommandContext): void {
  const user = program
    .command('user')
    .description('create, list, disable and enable accounts in the local database')
    .addHelpText('after', '\nExample:\n  wwhd user create maria --email maria@example.org --role curator');
  const load = () => import('../run-user.ts');
  const addWriting = (name: 'create' | 'ensure', description: string): void => {
    user
      .command(name)
      .description(description)
      .argument('<username>', 'name to sign in with')
      .requiredOption('--email <address>', 'address of the account')
      .option('--name <name>', 'name to show')
      .addOption(
        new Option('--role <role>', 'what the account may do')
          .choices(['user', 'curator', 'admin'])
          .default('user'),
      )
      .option('--password-stdin', 'read the password from stdin instead of asking')
      .addHelpText(
        'after',
        `\nThe password is asked for, or read from stdin; it is never an argument.\n\nExample:\n  openssl rand -base64 24 | tee secret | wwhd user ${name} root --email root@example.org --role admin --password-stdin`,
      )
      .action(async (username: string, options: Options) => {
        await (await load()).runUserWrite(context, { isEnsuring: name === 'ensure', username, ...options });
      });
  };
  addWriting('create', 'create an account; fails when the name or address is taken');
  addWriting('ensure', 'create an account, or set role and password of the one with this name');
  user
    .command('list')
    .description('list the accounts')
    .option('--json', 'print them as a JSON list')
    .addHelpText('after', '\nExample:\n  wwhd user list')
    .action(async (options: { json?: true }) =>
      (await load()).runUserList(context, { isJson: options.json === true }),
    );
  for (const [name, isActive] of [
    ['disable', false],
    ['enable', true],
  ] as const) {
    user
      .command(name)
      .description(
        isActive ? 'let a disabled account in again' : 'lock an account out; its tokens end at once',
      )
      .argument('<username>', 'name or address of the account')
      .addHelpText('after', `\nExample:\n  wwhd user ${name} maria`)
      .action(async (username: string) => (await load()).runUserActivation(context, { username, isActive }));
  }
  user
    .command('reset-second-factor')
    .description('let an account in by its password alone, when the device and the recovery codes are lost')
    .argument('<username>', 'name or address of the account')
    .addHelpText('after', '\nExample:\n  wwhd user reset-second-factor maria')
    .action(async (username: string) => (await load()).runSecondFactorRemoval(context, { username }));
}
