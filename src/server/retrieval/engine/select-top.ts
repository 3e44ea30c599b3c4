/**
 * The numbers of the `limit` highest positive scores among eligible passages, best first; equal scores keep the order of
 * their numbers. A bounded binary heap, so the cost is one pass.
 */
export function selectTop(scores: Float32Array, options: { eligible: Uint8Array; limit: number }): number[] {
  const { eligible, limit } = options;
  if (limit <= 0) return [];
  const heap: number[] = [];
  const isWorse = (left: number, right: number) =>
    scores[left]! < scores[right]! || (scores[left] === scores[right] && left > right);
  let threshold = 0;
  for (let number = 0; number < scores.length; number += 1) {
    if (scores[number]! <= threshold || eligible[number] === 0) continue;
    if (heap.length < limit) {
      heap.push(number);
      siftUp(heap, isWorse);
    } else {
      heap[0] = number;
      siftDown(heap, isWorse);
    }
    if (heap.length === limit) threshold = scores[heap[0]!]!;
  }
  return heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
}

type IsWorse = (left: number, right: number) => boolean;

function siftUp(heap: number[], isWorse: IsWorse): void {
  let at = heap.length - 1;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(heap[at]!, heap[parent]!)) return;
    [heap[at], heap[parent]] = [heap[parent]!, heap[at]!];
    at = parent;
  }
}

function siftDown(heap: number[], isWorse: IsWorse): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) return;
    const right = left + 1;
    const worst = right < heap.length && isWorse(heap[right]!, heap[left]!) ? right : left;
    if (!isWorse(heap[worst]!, heap[at]!)) return;
    [heap[at], heap[worst]] = [heap[worst]!, heap[at]!];
    at = worst;
  }
}
