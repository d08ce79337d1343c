import { onlineManager, useMutation, useQueryClient } from '@tanstack/react-query';
import type { UseMutationResult } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ReactNode } from 'react';
import { useForm } from 'react-hook-form';
import type { DefaultValues, FieldValues, UseFormReturn } from 'react-hook-form';
import { refusalOf } from '../api/refusal';
import { Notice } from '../parts/states';
import { Refused } from './parts';

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

interface OfForm<Given extends FieldValues, Answer> {
  /** What its button says. */
  label: string;
  given: NoInfer<Given>;
  command: UseMutationResult<Answer, Error, Given>;
  /** What came of it, for a person. */
  said: (answer: Answer) => ReactNode;
  danger?: boolean;
  children: (form: UseFormReturn<Given>) => ReactNode;
}

/** A form that sends a command; what came of it, or why it was refused, stands above its button. */
export function CommandForm<Given extends FieldValues, Answer>({ label, given, command, said, danger = false, children }: OfForm<Given, Answer>) {
  const form = useForm<Given>({ defaultValues: given as DefaultValues<Given> });
  return (
    <form noValidate onSubmit={(event) => { void form.handleSubmit((values) => { command.mutate(values); })(event); }}>
      {children(form)}
      {command.error && <Refused error={command.error} />}
      {command.isSuccess && <Notice kind="good"><p>{said(command.data)}</p></Notice>}
      <button className={`button small${danger ? ' danger' : ''}`} disabled={command.isPending}>{command.isPending ? 'Sending…' : label}</button>
    </form>
  );
}
