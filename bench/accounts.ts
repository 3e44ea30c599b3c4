import { createUser, knownUser, signIn, time } from './client.ts';
import { median, type Report } from './measurement.ts';
import { withServer } from './start-server.ts';

const ATTEMPTS = 25;

/** How much the time of a failed sign-in tells about whether the account exists; ideally nothing. */
export async function benchAccounts(report: Report): Promise<void> {
  await withServer({}, async ({ origin }) => {
    await createUser(origin);
    const attempt = (username: string) =>
      time(() => signIn(origin, { username, password: 'not the password' }));
    await attempt(knownUser.username);
    await attempt('nobody');
    const known: number[] = [];
    const unknown: number[] = [];
    for (let count = 0; count < ATTEMPTS; count += 1) {
      known.push(await attempt(knownUser.username));
      unknown.push(await attempt(`nobody-${count}`));
    }
    report({
      name: 'failed sign-in of an unknown user',
      ours: median(unknown),
      unit: 'ms',
      baseline: { value: median(known), name: 'known user' },
      note: `difference of medians ${(median(unknown) - median(known)).toFixed(2)} ms, ${ATTEMPTS} each in turn`,
    });
  });
}
