import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';

import type { FastifyBaseLogger } from 'fastify';

import type { Config } from './config.ts';
import { type OpenedDatabase, openDatabase } from './database/open-database.ts';
import { type Accounts, createAccounts } from './features/accounts/create-accounts.ts';
import { registerAccounts } from './features/accounts/accounts-routes.ts';
import { ensureConfiguredAdmin } from './features/accounts/manage-users.ts';
import { openAudit } from './features/audit/open-audit.ts';
import { registerChatFeature } from './features/chats/register-chat-feature.ts';
import { registerHealth } from './features/health/health-routes.ts';
import { registerMemories } from './features/memories/memories-routes.ts';
import { createMemoriesStore } from './features/memories/memories-store.ts';
import { createOpenTurnMemory } from './features/memories/open-turn-memory.ts';
import { ensureNamespaces } from './features/knowledge/knowledge.ts';
import { openKnowledge } from './features/knowledge/open-knowledge.ts';
import { seedSample } from './features/knowledge/seed-sample.ts';
import { loadPacks } from './features/personas/load-pack.ts';
import { createPersonaEngines } from './features/personas/persona-engines.ts';
import { createPersonaRegistry } from './features/personas/persona-registry.ts';
import { registerPersonas } from './features/personas/personas-routes.ts';
import { registerUsage } from './features/usage/usage-routes.ts';
import { createCookies, createHttpApp } from './http/create-http-app.ts';
import type { App } from './http/http-app.ts';
import { registerPage } from './http/serve-page.ts';
import { installationFolder, version } from './installation.ts';
import { chooseTransport, createMailer } from './mail/create-mailer.ts';
import { countTokens } from './models/count-tokens.ts';
import type { EmbeddingModel } from './models/embedding-model.ts';
import type { LanguageModel } from './models/language-model.ts';
import { type Models, openModels } from './models/open-models.ts';

export type BuildOptions = {
  config: Config;
  logger: FastifyBaseLogger;
  /** A server owns the data: it locks it, runs jobs and ends what an earlier process left. */
  isServer: boolean;
  overrides?: {
    now?: () => Date;
    randomBytes?: (size: number) => Buffer;
    languageModel?: LanguageModel;
    embeddingModel?: EmbeddingModel;
  };
};

export type WwhdApp = {
  app: App;
  accounts: Accounts;
  /** Loads the personas' sample knowledge once; resolves with how many documents were added. */
  loadSample: () => Promise<number>;
  /** Resolves when no ingestion is waiting or running. */
  whenIngested: () => Promise<{ ready: number; failed: number }>;
  /** Resolves when no chat is being named. */
  whenNamed: () => Promise<void>;
  /** Prepares what the first question needs, so that it does not wait for it. */
  warmUp: () => Promise<void>;
  /** Stops taking requests, lets answers finish for `graceMs`, and closes everything that was opened. */
  close: (graceMs?: number) => Promise<void>;
};

const DAY_MS = 86_400_000;

/**
 * The composition root: opens everything in order (database, models, knowledge and its index, turns, HTTP) and
 * registers every feature. A start that fails closes what it had opened.
 * @throws AppError or PackError, with the fix in the message
 */
export async function buildApp(options: BuildOptions): Promise<WwhdApp> {
  const { config, logger, isServer, overrides = {} } = options;
  const now = overrides.now ?? (() => new Date());
  const personasFolder = config.personas.folder ?? join(installationFolder, 'personas');
  const personas = createPersonaRegistry({
    personas: loadPacks(personasFolder),
    defaultId: config.personas.defaultId,
  });
  const closers: (() => Promise<void> | void)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const opened: OpenedDatabase = await openDatabase({ path: config.data.databasePath, isServer, now });
    closers.push(opened.close);
    const { database } = opened;
    const models: Models = await openModels({
      config: config.models,
      concurrentTurns: config.limits.concurrentTurns,
      now,
      logger,
      overrides,
    });
    closers.push(() => models.embedding?.close());
    const onError = (error: unknown, context: object) =>
      logger.error({ err: error, ...context }, 'background work failed');

    const knowledge = await openKnowledge({
      database,
      config,
      personas,
      models,
      now,
      instanceId: randomUUID(),
      onError,
    });
    closers.push(knowledge.close);
    await ensureNamespaces(knowledge.namespaces, personas.list());
    const engines = createPersonaEngines({
      describe: (persona) => knowledge.describe(persona.namespaces),
      onError: (error) => onError(error, {}),
    });
    closers.push(engines.close);
    knowledge.onChanged(engines.knowledgeChanged);

    const mailer = createMailer({
      send: chooseTransport({ ...config.mail, isProduction: config.isProduction, logger }),
      logger,
    });
    const accounts = createAccounts({
      database,
      config,
      now,
      randomBytes: overrides.randomBytes ?? randomBytes,
      mailer,
      purgeDeleted: opened.purgeDeleted,
    });
    closers.push(mailer.whenSent);
    await accounts.secondFactor.resealAll();
    if (config.security.admin) await ensureConfiguredAdmin(accounts.users, config.security.admin);
    const app = await createHttpApp({ config, logger, identities: accounts.identities, version });
    closers.push(() => app.close());
    const audit = openAudit(app, {
      database,
      keys: accounts.keys,
      retention: config.retention,
      now,
      onError,
    });

    const loadSample = async () => {
      let added = 0;
      for (const persona of personas.list()) {
        added += await seedSample({
          database,
          addDocument: knowledge.addDocument,
          persona,
          packFolder: join(personasFolder, persona.id),
        });
      }
      return added;
    };
    const memories = createMemoriesStore({ database, now });
    const chats = await registerChatFeature(app, {
      database,
      config,
      personas,
      knowledge,
      models,
      engines,
      openTurnMemory: createOpenTurnMemory(memories),
      isServer,
      now,
      onError,
    });
    closers.push(chats.close);
    registerAccounts(app, {
      accounts,
      cookies: createCookies(config),
      config,
      loadSampleKnowledge: async () => void (await loadSample()),
    });
    registerPersonas(app, { personas, answers: models.languageModel ? 'model' : 'excerpts' });
    knowledge.register(app);
    registerMemories(app, { memories, personaOf: personas.get });
    registerUsage(app, { database, now });
    const expiry = setInterval(() => {
      void audit.tidy();
      accounts.removeExpired().catch((error: unknown) => onError(error, { step: 'expire sessions' }));
    }, DAY_MS).unref();
    closers.push(() => clearInterval(expiry));
    let isReady = true;
    registerHealth(app, {
      version,
      environment: config.environment,
      now,
      isReady: () => isReady,
      probes: {
        database: async () => (await opened.ping(), 'operational' as const),
        passage_index: async () => (await knowledge.index().statistics(), 'operational' as const),
        jobs: () => knowledge.jobsState(),
        ...(models.state ? { language_model: models.state } : {}),
        ...(models.embedding ? { embedding_model: models.embedding.state } : {}),
      },
    });
    await registerPage(app, { folder: join(installationFolder, 'dist', 'web') });
    await app.ready();
    if (isServer || config.data.databasePath === ':memory:') await knowledge.start({ isAlone: true });
    if (isServer) await audit.tidy();
    return {
      app,
      accounts,
      loadSample,
      whenIngested: knowledge.whenIngested,
      whenNamed: chats.whenNamed,
      async warmUp() {
        if (models.languageModel) await countTokens('');
        for (const persona of personas.list()) (await engines.engineOf(persona)).guard.check('');
      },
      async close(graceMs = 0) {
        isReady = false;
        await chats.shutDown(graceMs);
        await closeAll();
      },
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}
