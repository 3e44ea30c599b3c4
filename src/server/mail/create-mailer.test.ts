import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createLogger } from '../http/create-logger.ts';
import { chooseTransport, createMailer } from './create-mailer.ts';

const mail = {
  to: 'ada@example.org',
  subject: 'Grüße',
  text: 'Open https://wwhd.example/app/verify#token=abc\n',
};
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A mail server after RFC 5321 that keeps what it is given, and refuses recipients when told to. */
async function startMailServer(options: { refuses: boolean } = { refuses: false }) {
  const lines: string[] = [];
  const server = createServer((socket) => {
    let isData = false;
    socket.write('220 test\r\n');
    socket.on('data', (chunk) => {
      for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
        lines.push(line);
        if (isData && line !== '.') continue;
        if (line === '.') isData = false;
        if (line === 'DATA') isData = true;
        const refusal = options.refuses && line.startsWith('RCPT') ? `550 no ${mail.to} here` : undefined;
        socket.write(
          `${refusal ?? (line === 'DATA' ? '354 go on' : line === 'QUIT' ? '221 bye' : '250 ok')}\r\n`,
        );
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { lines, smtpUrl: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function buildLogger() {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'trace',
    isPretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  return { lines, logger };
}

describe('mail', () => {
  it('should reach a mail server', async () => {
    const { lines, smtpUrl } = await startMailServer();
    const { logger } = buildLogger();
    const send = chooseTransport({
      smtpUrl,
      from: 'WWHD <no-reply@example.org>',
      isProduction: true,
      logger,
    });
    const mailer = createMailer({ send, logger });
    mailer.post(async () => mail);
    await mailer.whenSent();
    expect(lines).toContain('MAIL FROM:<no-reply@example.org>');
    expect(lines).toContain('RCPT TO:<ada@example.org>');
    expect(lines.join('\n')).toContain('https://wwhd.example/app/verify#token');
  });

  it('should log a failure without address and text', async () => {
    const { smtpUrl } = await startMailServer({ refuses: true });
    const { lines, logger } = buildLogger();
    const send = chooseTransport({ smtpUrl, from: 'a@example.org', isProduction: true, logger });
    const mailer = createMailer({ send, logger });
    mailer.post(async () => mail);
    await mailer.whenSent();
    expect(lines.join('')).toContain('a mail could not be sent');
    expect(lines.join('')).not.toMatch(/ada@example|token=abc/);
  });

  it('should be one line of the log in development, and off in production', async () => {
    const { lines, logger } = buildLogger();
    const options = { smtpUrl: undefined, from: undefined, logger };
    const mailer = createMailer({ send: chooseTransport({ ...options, isProduction: false }), logger });
    mailer.post(async () => mail);
    await mailer.whenSent();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('https://wwhd.example/app/verify#token=abc');
    expect(createMailer({ send: chooseTransport({ ...options, isProduction: true }), logger }).isOn).toBe(
      false,
    );
  });
});
