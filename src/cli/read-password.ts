import { CommandFailure, usageMistake } from './command-context.ts';

const LONGEST_PASSWORD = 1_024;

/** What reading a password needs of stdin. */
export type PasswordInput = NodeJS.ReadStream;

/**
 * Reads a password from a pipe, its last newline removed, or asks for it twice without showing it.
 * @param options.isPiped whether `--password-stdin` was given
 * @param options.ask writes a question where the user sees it
 * @throws CommandFailure when there is no terminal to ask at, nothing comes, or the two differ
 */
export async function readPassword(options: {
  stdin: PasswordInput;
  isPiped: boolean;
  ask: (text: string) => void;
}): Promise<string> {
  const { stdin, isPiped, ask } = options;
  if (isPiped) return readAll(stdin);
  if (!stdin.isTTY) throw usageMistake('There is no terminal to ask for the password. Use --password-stdin.');
  ask('Password: ');
  const password = await readHidden(stdin);
  ask('\nAgain: ');
  const again = await readHidden(stdin);
  ask('\n');
  if (password !== again) throw new CommandFailure('The two passwords differ. Run it again.');
  return password;
}

async function readAll(stdin: PasswordInput): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password === '') throw usageMistake('--password-stdin: nothing came from stdin.');
  if (password.length > LONGEST_PASSWORD || password.includes('\n'))
    throw usageMistake('--password-stdin: give one line with the password alone.');
  return password;
}

/** Reads one line in raw mode, in which the terminal shows nothing. */
function readHidden(stdin: PasswordInput): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed = '';
    const finish = (settle: () => void): void => {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      settle();
    };
    const onData = (chunk: Buffer): void => {
      for (const character of chunk.toString('utf8')) {
        if (character === '\r' || character === '\n' || character === '\u0004')
          return finish(() => resolve(typed));
        if (character === '\u0003')
          return finish(() => reject(new CommandFailure('Stopped.', { exitCode: 130 })));
        typed =
          character === '\u007F' || character === '\b'
            ? Array.from(typed).slice(0, -1).join('')
            : typed + character;
      }
    };
    stdin.setRawMode(true);
    stdin.resume();
    stdin.on('data', onData);
  });
}
