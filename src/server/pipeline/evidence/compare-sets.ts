/** How many members two sets share. */
export function countShared<Member>(left: ReadonlySet<Member>, right: ReadonlySet<Member>): number {
  let shared = 0;
  for (const member of left) if (right.has(member)) shared++;
  return shared;
}

/** Whether two sets share a member. */
export function sharesAny<Member>(left: ReadonlySet<Member>, right: ReadonlySet<Member>): boolean {
  for (const member of left) if (right.has(member)) return true;
  return false;
}
