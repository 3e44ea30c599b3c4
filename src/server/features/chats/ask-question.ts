import { createHash } from 'node:crypto';

import type { Ask } from '../../../shared/chats.ts';
import { AppError, invalidField, notFound } from '../../errors.ts';
import type { Persona } from '../../pipeline/persona.ts';
import type { HistoryTurn } from '../../pipeline/turn.ts';
import type { OpenTurnMemory } from '../memories/open-turn-memory.ts';
import { branchOf, type ChatStore, type MessageRecord } from './chat-store.ts';
import type { TurnRunner } from './turn-runner.ts';
import type { StartedTurn } from './start-turn.ts';
import type { TurnStore } from './turn-store.ts';

const TITLE_LENGTH = 60;
const HISTORY_TURNS = 10;

export type Asker = { userId: number; role: 'guest' | 'user' | 'curator' | 'admin' };

export type AskOptions = { asker: Asker; ask: Ask; idempotency?: { route: string; key: string } };

/**
 * Begins turns: finds the persona, the chat's branch and the namespaces that the asker may read, waits for a place,
 * stores the question, and lets the runner answer. What comes back is acknowledged and will have an end.
 */
export function createAskQuestion(dependencies: {
  chats: ChatStore;
  turns: TurnStore;
  runner: TurnRunner;
  personaOf: (id: string | null | undefined) => Persona;
  /** The wall: namespaces of a persona that a role may read. */
  namespacesOf: (persona: Persona, role: Asker['role']) => Promise<string[]>;
  openTurnMemory: OpenTurnMemory;
}) {
  const { chats, turns, runner, personaOf, namespacesOf, openTurnMemory } = dependencies;

  async function begin(options: {
    asker: Asker;
    persona: Persona;
    question: string;
    chatId: number | null;
    parentId?: number | null;
    messages: MessageRecord[];
    headId: number | null;
    questionId?: number;
    namespace?: string | null | undefined;
    idempotency?: { route: string; key: string; requestHash: string };
  }): Promise<StartedTurn> {
    const {
      asker,
      persona,
      question,
      chatId,
      parentId,
      messages,
      headId,
      questionId,
      namespace,
      idempotency,
    } = options;
    if (!persona.open_to_guests && asker.role === 'guest') throw notFound('persona', persona.id);
    const namespaces = await namespacesOf(persona, asker.role);
    if (namespace && !namespaces.includes(namespace)) {
      throw invalidField(
        'namespace',
        `${persona.name} has no namespace "${namespace}"; use one of ${namespaces.join(', ') || 'none'}.`,
      );
    }
    const memory = await openTurnMemory(asker, persona);
    await runner.takePlace();
    let isLaunched = false;
    try {
      const started = await turns.start({
        userId: asker.userId,
        personaId: persona.id,
        question,
        title: titleOf(question),
        chatId,
        ...(parentId === undefined ? {} : { parentId }),
        ...(questionId === undefined ? {} : { questionId }),
        ...(idempotency ? { idempotency } : {}),
      });
      if (started.isNew) {
        runner.launch(started, {
          userId: asker.userId,
          persona,
          question,
          history: historyOf(branchOf(messages, headId)),
          namespaces,
          memory,
          ...(namespace ? { requestedNamespace: namespace } : {}),
        });
        isLaunched = true;
      }
      return started;
    } finally {
      if (!isLaunched) runner.leavePlace();
    }
  }

  async function chatOf(chatId: number, userId: number) {
    const chat = await chats.find(chatId, userId);
    if (!chat) throw notFound('chat', chatId);
    return { chat, messages: await chats.listMessages(chatId) };
  }

  async function ownMessage(id: number, userId: number, role: 'user' | 'assistant'): Promise<MessageRecord> {
    const message = await chats.findMessage(id, userId);
    if (!message) throw notFound('message', id);
    if (message.role !== role) {
      throw new AppError(
        'conflict',
        role === 'user' ? 'Only a question can be edited.' : 'Only an answer can be written again.',
      );
    }
    return message;
  }

  return {
    /** @throws AppError `not_found`, `turn_running`, `overloaded`, `invalid_field`, `idempotency_mismatch` */
    async ask({ asker, ask, idempotency }: AskOptions): Promise<StartedTurn> {
      const existing = ask.chat_id ? await chatOf(ask.chat_id, asker.userId) : undefined;
      const persona = personaOf(existing?.chat.personaId ?? ask.persona);
      if (existing && ask.persona && ask.persona !== existing.chat.personaId) {
        throw invalidField(
          'persona',
          `this chat is with ${existing.chat.personaId}; begin a new chat for another persona.`,
        );
      }
      return begin({
        asker,
        persona,
        question: ask.content,
        chatId: existing?.chat.id ?? null,
        ...(ask.parent_id ? { parentId: ask.parent_id } : {}),
        messages: existing?.messages ?? [],
        headId: ask.parent_id ?? existing?.chat.headMessageId ?? null,
        namespace: ask.namespace,
        ...(idempotency ? { idempotency: { ...idempotency, requestHash: hashOf(ask) } } : {}),
      });
    },
    /** Answers the question of an answer once more, as a sibling branch. */
    async regenerate(answerId: number, asker: Asker): Promise<StartedTurn> {
      const answer = await ownMessage(answerId, asker.userId, 'assistant');
      const { chat, messages } = await chatOf(answer.chatId, asker.userId);
      const question = messages.find((message) => message.id === answer.parentId);
      if (!question) throw notFound('message', answerId);
      return begin({
        asker,
        persona: personaOf(chat.personaId),
        question: question.content,
        chatId: chat.id,
        messages,
        headId: question.parentId,
        questionId: question.id,
      });
    },
    /** Asks an edited question in place of the old one, as a sibling branch. */
    async edit(questionId: number, content: string, asker: Asker): Promise<StartedTurn> {
      const question = await ownMessage(questionId, asker.userId, 'user');
      const { chat, messages } = await chatOf(question.chatId, asker.userId);
      return begin({
        asker,
        persona: personaOf(chat.personaId),
        question: content,
        chatId: chat.id,
        parentId: question.parentId,
        messages,
        headId: question.parentId,
      });
    },
  };
}

export type AskQuestion = ReturnType<typeof createAskQuestion>;

function hashOf(ask: Ask): string {
  const { stream: _stream, ...rest } = ask;
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(rest).sort(([left], [right]) => left.localeCompare(right))))
    .digest('hex');
}

/** The first words of a question, for the list of chats. */
export function titleOf(question: string): string {
  const line = question.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= TITLE_LENGTH) return line;
  const cut = line.slice(0, TITLE_LENGTH);
  const words = cut.slice(0, Math.max(cut.lastIndexOf(' '), 20));
  // The cut may stand between the two halves of a character.
  return `${words.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function historyOf(branch: readonly MessageRecord[]): HistoryTurn[] {
  const turns: HistoryTurn[] = [];
  for (const [position, message] of branch.entries()) {
    const answer = branch[position + 1];
    if (message.role === 'user' && answer?.role === 'assistant' && answer.content !== '') {
      turns.push({ question: message.content, answer: answer.content });
    }
  }
  return turns.slice(-HISTORY_TURNS);
}
