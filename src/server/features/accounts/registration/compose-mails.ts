import type { Mail } from '../../../mail/create-mailer.ts';

/** The mails of accounts, in plain text. Tokens stand behind the #, which browsers never send to a server. */
export function createMails(baseUrl: string) {
  const link = (page: string, token: string) => `${baseUrl}/app/${page}#token=${token}`;
  const compose = (to: string, subject: string, lines: string[]): Mail => ({
    to,
    subject: `WWHD: ${subject}`,
    text: `${lines.join('\n\n')}\n`,
  });

  return {
    verifyEmail: (to: string, token: string): Mail =>
      compose(to, 'confirm your address', [
        'Open this link within 24 hours to confirm that this address is yours:',
        link('verify', token),
        'If you did not give it to us, ignore this mail.',
      ]),
    resetPassword: (to: string, token: string): Mail =>
      compose(to, 'choose a new password', [
        'Open this link within an hour to choose a new password:',
        link('reset', token),
        'If you did not ask for it, ignore this mail; your password stays.',
      ]),
    alreadyRegistered: (to: string): Mail =>
      compose(to, 'you already have an account', [
        'Someone asked to make an account with this address, which already has one.',
        `If it was you, sign in at ${baseUrl}/app, or choose a new password there. Else ignore this mail.`,
      ]),
    usernameTaken: (to: string): Mail =>
      compose(to, 'choose another name', [
        'You asked for an account with a name that someone else has.',
        `Register again with another name at ${baseUrl}/app.`,
      ]),
    emailChanged: (to: string): Mail =>
      compose(to, 'your address was changed', [
        'The address of your account is another one now, and this one does not belong to it any more.',
        'If it was not you, write to the people who run this server at once.',
      ]),
    invited: (to: string, token: string): Mail =>
      compose(to, 'you are invited', [
        'Open this link to make your account; it works once:',
        link('register', token),
      ]),
  };
}
