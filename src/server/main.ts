import type { AddressInfo } from 'node:net';

import { buildApp, type WwhdApp } from './app.ts';
import { type Config, loadConfig, readEnvironment } from './config.ts';
import { armCrashPoint } from './crash-points.ts';
import { AppError } from './errors.ts';
import { createLogger } from './http/create-logger.ts';

const GRACE_MS = 25_000;

/**
 * Runs the server until it is told to stop: loads the configuration, builds the app, listens, loads the sample on
 * first start, and prints three lines: where it is, how to make the first admin, and what it knows.
 * @throws ConfigError, PackError or AppError, each with its fix; nothing is left open then
 */
export async function serve(options: { print?: (line: string) => void } = {}): Promise<void> {
  const { print = (line: string) => process.stdout.write(`${line}\n`) } = options;
  const config = loadConfig({ env: readEnvironment(process.cwd()), baseFolder: process.cwd() });
  const logger = createLogger({ level: config.log.level, isPretty: process.stdout.isTTY });
  for (const warning of config.warnings) logger.warn(warning);
  armCrashPoint(config.testing.crashPoint);
  const wwhd = await buildApp({ config, logger, isServer: true });
  const ending = stopOnSignals(wwhd, logger);
  const address = await listen(wwhd, config, ending.stop);
  try {
    await prepare(wwhd, { config, address, print });
  } catch (error) {
    // What a signal interrupts fails, and that is no failure of the start.
    if (ending.isStopping()) return;
    await ending.stop();
    throw error;
  }
}

/** What a server does once it can be reached: the sample on first start, and what the first question would wait for. */
async function prepare(
  wwhd: WwhdApp,
  options: { config: Config; address: string; print: (line: string) => void },
): Promise<void> {
  const { config, address, print } = options;
  print(`WWHD is ready at ${address}`);
  const setupLink = await wwhd.accounts.setup.createSetupLink(address);
  print(
    setupLink ? `set-up: make the first admin at ${setupLink}` : 'set-up: done; sign in with your account',
  );
  if (config.personas.seedSample) await wwhd.loadSample();
  const { ready, failed } = await wwhd.whenIngested();
  print(`sample: ${ready} documents ready${failed > 0 ? `, ${failed} failed (see the log)` : ''}`);
  await wwhd.warmUp();
}

async function listen(wwhd: WwhdApp, config: Config, stop: () => Promise<void>): Promise<string> {
  const { host, port, publicUrl } = config.server;
  try {
    await wwhd.app.listen({ host, port });
  } catch (error) {
    await stop();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new AppError(
        'unavailable',
        `Port ${port} is in use. Stop the other program, or set PORT to a free port, as in PORT=8080 npm start.`,
        { cause: error },
      );
    }
    if (code === 'EACCES') {
      throw new AppError(
        'unavailable',
        `Port ${port} may not be used by this user. Set PORT to 1024 or more.`,
        { cause: error },
      );
    }
    throw error;
  }
  const bound = wwhd.app.server.address() as AddressInfo;
  const name = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? 'localhost' : host;
  return publicUrl?.replace(/\/$/, '') ?? `http://${name}:${bound.port}`;
}

/** SIGTERM and SIGINT end the server in order; a second one ends it at once. */
function stopOnSignals(
  wwhd: WwhdApp,
  logger: ReturnType<typeof createLogger>,
): { stop: () => Promise<void>; isStopping: () => boolean } {
  let isStopping = false;
  const stop = async () => {
    isStopping = true;
    await wwhd.close(GRACE_MS);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1);
    logger.info({ signal }, 'stopping');
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return { stop, isStopping: () => isStopping };
}
