import type { TokenUsage } from './language-model.ts';

/** Micro-dollars for a million tokens: 150,000 is $0.15. */
export type ModelPrice = { input: number; cachedInput: number; output: number };

/** The month of the table. Providers change prices: compare with their page before relying on costs. */
export const pricesDate = '2026-11';

const free: ModelPrice = { input: 0, cachedInput: 0, output: 0 };

const prices: Readonly<Record<string, ModelPrice>> = {
  'gpt-4o': { input: 2_500_000, cachedInput: 1_250_000, output: 10_000_000 },
  'gpt-4o-2024-05-13': { input: 5_000_000, cachedInput: 5_000_000, output: 15_000_000 },
  'gpt-4o-mini': { input: 150_000, cachedInput: 75_000, output: 600_000 },
  'gpt-4.1': { input: 2_000_000, cachedInput: 500_000, output: 8_000_000 },
  'gpt-4.1-mini': { input: 400_000, cachedInput: 100_000, output: 1_600_000 },
  'gpt-4.1-nano': { input: 100_000, cachedInput: 25_000, output: 400_000 },
  'gpt-5': { input: 1_250_000, cachedInput: 125_000, output: 10_000_000 },
  'gpt-5-mini': { input: 250_000, cachedInput: 25_000, output: 2_000_000 },
  'gpt-5-nano': { input: 50_000, cachedInput: 5_000, output: 400_000 },
  o3: { input: 2_000_000, cachedInput: 500_000, output: 8_000_000 },
  'o3-mini': { input: 1_100_000, cachedInput: 550_000, output: 4_400_000 },
  'o4-mini': { input: 1_100_000, cachedInput: 275_000, output: 4_400_000 },
  'gpt-4-turbo': { input: 10_000_000, cachedInput: 10_000_000, output: 30_000_000 },
  'gpt-3.5-turbo': { input: 500_000, cachedInput: 500_000, output: 1_500_000 },
  'text-embedding-3-small': { input: 20_000, cachedInput: 20_000, output: 0 },
  'text-embedding-3-large': { input: 130_000, cachedInput: 130_000, output: 0 },
  'text-embedding-ada-002': { input: 100_000, cachedInput: 100_000, output: 0 },
  extractive: free,
};

/**
 * The price of a model; undefined when the table does not have it. A provider before the name (`openai/gpt-4o-mini`)
 * and a date after it (`gpt-4o-mini-2024-07-18`) make no difference; OpenRouter's `:free` variants are free.
 */
export function priceOf(model: string): ModelPrice | undefined {
  if (model.endsWith(':free')) return free;
  const dated = model.split('/').at(-1) ?? model;
  // A few dated versions cost more than the name alone.
  const name = Object.hasOwn(prices, dated) ? dated : dated.replace(/-\d{4}-\d{2}-\d{2}$/, '');
  return Object.hasOwn(prices, name) ? prices[name] : undefined;
}

/** What a call cost in whole micro-dollars; 0 when `priceOf` does not know the model, so ask that before showing it. */
export function costMicrosOf(model: string, usage: TokenUsage): number {
  const price = priceOf(model);
  if (!price) return 0;
  const cached = Math.min(usage.cachedTokens, usage.promptTokens);
  const cost =
    (usage.promptTokens - cached) * price.input +
    cached * price.cachedInput +
    usage.completionTokens * price.output;
  return Math.round(cost / 1_000_000);
}
