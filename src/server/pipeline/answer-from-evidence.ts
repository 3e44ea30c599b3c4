import type { TurnEventBody } from '../../shared/turn-events.ts';
import type { AppError } from '../errors.ts';
import { isInstruction } from '../guard/neutralise-instructions.ts';
import type { Neutralise } from '../guard/remember-neutralised.ts';
import type { TokenUsage } from '../models/language-model.ts';
import type { RetrievedPassage } from '../retrieval/passage.ts';
import { answerExtractively } from './answer-extractively.ts';
import { composeAbstention } from './compose-abstention.ts';
import { type Evidence, readEvidence } from './evidence/read-evidence.ts';
import { repeatsAnswer } from './evidence/repeats-answer.ts';
import { presentSource } from './evidence/present-source.ts';
import { type EvidenceJudgement, judgeEvidence } from './judge-evidence.ts';
import type { Specialist } from './persona.ts';
import { rerankPassages } from './rerank-passages.ts';
import type { Retrieval } from './retrieve.ts';
import type { TurnDependencies } from './run-turn.ts';
import type { TurnInput } from './turn.ts';
import { EXTRACTIVE, type TurnState } from './turn-state.ts';
import { MODEL_PASSAGES, writeAnswer } from './write-answer.ts';

/** A finished text with what its markers mean, before citations are aligned. */
export type Answer = {
  kind: 'reply' | 'extractive' | 'model' | 'abstention' | 'guard';
  text: string;
  /** `passages[n - 1]` is what the marker `[n]` means; the text cites each of them. */
  passages: readonly RetrievedPassage[];
  model: string;
  note: string | null;
  /** What the provider reported; undefined when the tokens are ours to count. */
  usage: TokenUsage | undefined;
  /** What an extractive answer read, for counting its tokens. */
  promptText: string;
  /** What the model wrote, for counting; the guard may have taken out some of it. */
  generatedText?: string;
  error?: AppError;
};

/** What an answer is made from. */
export type AnswerStep = {
  input: TurnInput;
  dependencies: TurnDependencies;
  state: TurnState;
  standalone: string;
  retrieval: Retrieval;
  specialist: Specialist;
  neutralise: Neutralise;
  /** The note that the guard puts under an answer; undefined without one. */
  disclaimer: string | undefined;
};

type AnswerStream = AsyncGenerator<TurnEventBody, Answer, void>;

/** Judges the evidence and answers from it: an abstention, a written answer, or excerpts. */
export async function* answerFromEvidence(step: AnswerStep): AnswerStream {
  const { input, state, standalone, retrieval, dependencies } = step;
  const evidence = readEvidence({
    question: standalone,
    terms: retrieval.terms,
    passages: retrieval.passages,
    ignoredWords: [input.persona.name],
  });
  const judgement = judgeEvidence(evidence);
  state.receipt.evidence = {
    verdict: judgement.verdict,
    score: judgement.score,
    answerability: judgement.answerability,
    missing_words: judgement.missingWords,
  };
  state.mark('evidence');
  if (judgement.verdict === 'none') return yield* abstain(step);
  const passages = rerankPassages(evidence);
  yield {
    type: 'sources-found',
    sources: passages
      .slice(0, MODEL_PASSAGES)
      .map((passage, position) => presentSource(position + 1, passage, undefined)),
  };
  const model = dependencies.languageModel;
  const written = model ? yield* writeAnswer(step, passages, model) : undefined;
  const note = model ? 'No language model answered, so these are excerpts.' : null;
  return written ?? (yield* quote(step, { evidence, judgement, note }));
}

async function* abstain(step: AnswerStep): AnswerStream {
  const { input, retrieval } = step;
  const { persona } = input;
  const fallbackTopics = persona.specialists.map((specialist) => specialist.title);
  const { content: text } = composeAbstention({
    abstention: persona.abstention,
    nearest: retrieval.passages,
    fallbackTopics,
    seed: input.turnId,
  });
  yield { type: 'answer-delta', text };
  return {
    kind: 'abstention',
    text,
    passages: [],
    model: EXTRACTIVE,
    note: null,
    usage: undefined,
    promptText: input.question,
  };
}

async function* quote(
  step: AnswerStep,
  found: { evidence: Evidence; judgement: EvidenceJudgement; note: string | null },
): AnswerStream {
  const { input, disclaimer, state } = step;
  const asksForMore = state.receipt.follow_up_reason === 'more';
  const said = asksForMore ? input.history.map((turn) => turn.answer) : [];
  const answer = answerExtractively(found.evidence, {
    frames: input.persona.frames,
    seed: input.turnId,
    verdict: found.judgement.verdict,
    isExcluded: (text) => isInstruction(text) || repeatsAnswer(text, said),
  });
  if (!answer) return yield* abstain(step);
  const texts = [
    ...answer.segments.map((segment) =>
      segment.kind === 'excerpt'
        ? `${withoutMarkers(segment.text.slice(0, segment.text.lastIndexOf('[')))}[${segment.marker}]`
        : segment.text,
    ),
    ...(disclaimer ? [`\n\n${disclaimer}`] : []),
  ];
  let text = '';
  for (const part of texts) {
    if (input.signal.aborted) break;
    text += part;
    yield { type: 'answer-delta', text: part };
  }
  const promptText = [input.question, ...answer.cited.map((passage) => passage.text)].join('\n');
  return {
    kind: 'extractive',
    text,
    passages: answer.cited.filter((_, index) => text.includes(`[${index + 1}]`)),
    model: EXTRACTIVE,
    note: found.note,
    usage: undefined,
    promptText,
  };
}

/** Reference marks of a source itself would look like ours. */
function withoutMarkers(text: string): string {
  return text.replaceAll(/\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]/gu, '($1)');
}
