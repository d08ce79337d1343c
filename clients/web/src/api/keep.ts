import type { DataTag, QueryClient, QueryKey } from '@tanstack/react-query';

/** Show what a command answered. What is on its way was asked for before it, so it is not waited for: it would take that back. */
export async function keep<Answer>(
  client: QueryClient, { queryKey }: { queryKey: DataTag<QueryKey, Answer, Error> }, answer: Answer,
): Promise<void> {
  await client.cancelQueries({ queryKey, exact: true });
  client.setQueryData<Answer>(queryKey, answer);
}
