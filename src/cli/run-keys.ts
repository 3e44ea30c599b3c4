import { randomBytes } from 'node:crypto';

import { listKeys, rotateKeys } from '../server/features/accounts/keys/key-file.ts';
import { type CommandContext, readConfig } from './command-context.ts';
import { formatTable } from './terminal.ts';

/** Prints the keys that sign access tokens, without their secrets. @throws ConfigError, AppError `unavailable` */
export function runKeysList(context: CommandContext, options: { isJson: boolean }): void {
  const keys = listKeys(optionsOf(context));
  if (options.isJson) context.terminal.write(`${JSON.stringify(keys, null, 2)}\n`);
  else {
    const rows = keys.map((key) => [
      key.id,
      key.algorithm,
      key.isSigning ? 'signs' : 'accepted',
      key.createdAt ?? '',
      key.source,
    ]);
    context.terminal.write(`${formatTable([['Id', 'Algorithm', 'State', 'Created', 'From'], ...rows])}\n`);
  }
}

/** Makes a new key and keeps the present one as accepted. @throws ConfigError, AppError `conflict`, `unavailable` */
export function runKeysRotate(context: CommandContext, options: { isForced: boolean }): void {
  const id = rotateKeys({ ...optionsOf(context), ...options });
  context.terminal.say(`The new key is ${id}. Restart the server to sign with it; nobody is signed out.`);
}

function optionsOf(context: CommandContext) {
  const { security, data } = readConfig(context);
  return { security, dataFolder: data.folder, randomBytes, now: context.now };
}
