export type Gate = { opened: Promise<void>; open: () => void };

/** Something to wait for until the test opens it; once open it stays so. */
export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
}
