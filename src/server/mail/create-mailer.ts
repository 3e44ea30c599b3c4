import type { FastifyBaseLogger } from 'fastify';

const TIMEOUT_MS = 15_000;

export type Mail = { to: string; subject: string; text: string };
/** Hands one mail to a server. @throws what the transport throws */
export type SendMail = (mail: Mail) => Promise<void>;
export type Mailer = ReturnType<typeof createMailer>;

/**
 * Sends mails after the answer to the request that caused them, so that nobody can tell from the time of an answer
 * whether one was sent. A mail that fails is logged without its address and text.
 * @param options.send undefined when this server sends no mail
 */
export function createMailer(options: { send: SendMail | undefined; logger: FastifyBaseLogger }) {
  const { send, logger } = options;
  const running = new Set<Promise<void>>();

  return {
    isOn: send !== undefined,

    /** Runs `compose` in the background and sends what it makes; undefined sends nothing. */
    post: (compose: () => Promise<Mail | undefined>): void => {
      if (send === undefined) return;
      const task = (async () => {
        try {
          const mail = await compose();
          if (mail !== undefined) await send(mail);
        } catch (error) {
          logger.error({ err: withoutAddresses(error) }, 'a mail could not be sent');
        }
      })();
      running.add(task);
      void task.finally(() => running.delete(task));
    },

    /** Resolves when everything posted so far has been sent or has failed. */
    whenSent: async (): Promise<void> => {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

/**
 * How mails leave: by SMTP when there is a server; in development as a line of the log; in production not at all.
 * @param options.smtpUrl `smtp://` (STARTTLS when offered) or `smtps://`
 */
export function chooseTransport(options: {
  smtpUrl: string | undefined;
  from: string | undefined;
  isProduction: boolean;
  logger: FastifyBaseLogger;
}): SendMail | undefined {
  const { smtpUrl, from, isProduction, logger } = options;
  if (smtpUrl !== undefined) return sendBySmtp(smtpUrl, from ?? 'wwhd@localhost');
  if (isProduction) return undefined;
  return async ({ to, subject, text }) => {
    logger.warn({ to, subject, link: /https?:\/\/\S+/.exec(text)?.[0] }, 'mail (SMTP_URL is not set)');
  };
}

function sendBySmtp(smtpUrl: string, from: string): SendMail {
  return async (mail) => {
    // Loaded with the first mail, so that the start does not pay for it.
    const { createTransport } = await import('nodemailer');
    const address = new URL(smtpUrl);
    const transport = createTransport({
      host: address.hostname,
      port: address.port === '' ? (address.protocol === 'smtps:' ? 465 : 587) : Number(address.port),
      secure: address.protocol === 'smtps:',
      ...(address.username === ''
        ? {}
        : {
            auth: { user: decodeURIComponent(address.username), pass: decodeURIComponent(address.password) },
          }),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({ from, ...mail });
    } finally {
      transport.close();
    }
  };
}

/** Servers quote the recipient in their refusals. */
function withoutAddresses(error: unknown): Error {
  const { message, code } = error as { message?: string; code?: string };
  const safe = new Error((message ?? 'unknown').replace(/\S+@\S+/g, '[address]'));
  return code === undefined ? safe : Object.assign(safe, { code });
}
