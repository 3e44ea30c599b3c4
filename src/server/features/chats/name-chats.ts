import type { Message } from '../../../shared/messages.ts';
import type { LanguageModel } from '../../models/language-model.ts';
import { writeTitle } from '../../pipeline/model-steps/write-title.ts';
import type { TurnOutcome } from '../../pipeline/turn.ts';
import { titleOf } from './ask-question.ts';
import type { ChatTitlesStore } from './chat-titles-store.ts';

const MOST_AT_ONCE = 8;

/**
 * Names chats after their first answer, behind the turn's back: nobody waits for it, and a title that does not come
 * leaves the first words of the question. Messages that needed care keep those words.
 * @returns `name` begins, `whenIdle` waits for what has begun, `close` ends it
 */
export function createChatNaming(options: {
  titles: ChatTitlesStore;
  model: LanguageModel;
  costOf: (model: string, usage: TurnOutcome['usage']) => number;
  onError: (error: unknown, context: object) => void;
}) {
  const { titles, model, costOf, onError } = options;
  const ending = new AbortController();
  const running = new Set<Promise<void>>();

  async function write(message: Message): Promise<void> {
    const chat = await titles.findUntitled(message.id);
    if (!chat || chat.title !== titleOf(chat.question)) return;
    const { title, step } = await writeTitle({
      model,
      question: chat.question,
      answer: message.content,
      signal: ending.signal,
    });
    if (step.error !== undefined && !ending.signal.aborted)
      onError(step.error, { turnId: message.id, step: 'model title' });
    const usage = step.spent && {
      step: 'title' as const,
      ...step.spent,
      costMicros: costOf(step.spent.model, step.spent.usage),
    };
    await titles.setTitle(chat, { title, answerId: message.id, usage });
  }

  return {
    name(message: Message, outcome: TurnOutcome): void {
      const isAnswer = ['model', 'extractive', 'abstention'].includes(outcome.receipt.answer.kind);
      const isCalm = message.guard.action === 'allow' || message.guard.action === 'disclaim';
      if (message.status !== 'complete' || !isAnswer || !isCalm) return;
      if (running.size >= MOST_AT_ONCE || ending.signal.aborted) return;
      const work = write(message)
        .catch((error: unknown) => onError(error, { turnId: message.id, step: 'title' }))
        .finally(() => running.delete(work));
      running.add(work);
    },
    async whenIdle(): Promise<void> {
      await Promise.all(running);
    },
    async close(): Promise<void> {
      ending.abort(new Error('The server is closing.'));
      await Promise.all(running);
    },
  };
}
