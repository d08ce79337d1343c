import { onlineManager, useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import { refusalOf } from '../api/refusal';

const MOST_TRIES = 3;
/** Without a connection a command is refused at once: kept back and sent later, it would act on what nobody looks at any more. */
export const AT_ONCE = { networkMode: 'always' } as const;

/**
 * A command to the API. It has an id of its own, the same for as long as the same is sent without an answer, so that it is done
 * once. Whatever becomes of it, what the desk shows is asked for again.
 */
export function useCommand<Given, Answer>(
  send: (given: Given, id: string) => Promise<Answer>, done?: (answer: Answer) => void,
): UseMutationResult<Answer, Error, Given> {
  const client = useQueryClient();
  const last = useRef({ body: '', id: '' });
  return useMutation({
    ...AT_ONCE,
    mutationFn: (given: Given) => {
      const body = JSON.stringify(given);
      if (last.current.body !== body) last.current = { body, id: crypto.randomUUID() };
      return send(given, last.current.id);
    },
    retry: (failures, error) => failures < MOST_TRIES && onlineManager.isOnline() && refusalOf(error).passing,
    onSuccess: (answer) => {
      last.current = { body: '', id: '' };
      done?.(answer);
    },
    // Not waited for: what came of it is said at once.
    onSettled: () => { void client.invalidateQueries({ queryKey: ['desk'] }); },
  });
}
