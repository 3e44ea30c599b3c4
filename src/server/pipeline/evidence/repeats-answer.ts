/** Whether a sentence stands in one of the answers given so far, runs of space aside. */
export function repeatsAnswer(sentence: string, answers: readonly string[]): boolean {
  const text = foldSpace(sentence);
  return text !== '' && answers.some((answer) => foldSpace(answer).includes(text));
}

function foldSpace(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim();
}
