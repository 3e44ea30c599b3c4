import { createUser, signIn } from './client.ts';
import { median, type Report } from './measurement.ts';
import { withServer } from './start-server.ts';

/** Together below the failures after which an address, and each name, has to wait; a locked name answers sooner. */
const NAMES = 4;
const ATTEMPTS_EACH = 3;
const SERVERS = 2;

/** How much the time of a failed sign-in tells about whether the account exists; ideally nothing. */
export async function benchAccounts(report: Report): Promise<void> {
  const known: number[] = [];
  const unknown: number[] = [];
  for (let server = 0; server < SERVERS; server += 1) {
    await withServer({}, async ({ origin }) => {
      for (let name = 0; name < NAMES; name += 1) await createUser(origin, `reader-${name}`);
      await timeFailure(origin, 'warming-up');
      for (let attempt = 0; attempt < ATTEMPTS_EACH; attempt += 1) {
        for (let name = 0; name < NAMES; name += 1) {
          known.push(await timeFailure(origin, `reader-${name}`));
          unknown.push(await timeFailure(origin, `nobody-${name}`));
        }
      }
    });
  }
  report({
    name: 'failed sign-in of an unknown user',
    ours: median(unknown),
    unit: 'ms',
    baseline: { value: median(known), name: 'known user' },
    note: `difference of medians ${(median(unknown) - median(known)).toFixed(2)} ms, ${known.length} each in turn, all answered 401`,
  });
}

/** @throws when the password was not what decided, as with a locked name: then the times say nothing */
async function timeFailure(origin: string, username: string): Promise<number> {
  const start = performance.now();
  const { status } = await signIn(origin, { username, password: 'not the password' });
  const tookMs = performance.now() - start;
  if (status !== 401)
    throw new Error(`A wrong password of ${username} was answered ${status} instead of 401.`);
  return tookMs;
}
