import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../api/ask';
import { RequestFreshCode } from '../api/generated';
import { refusalOf } from '../api/refusal';
import { useWords } from '../language';
import { useSession } from '../session';
import { Field } from './field';
import { Refused } from './states';

/** The code that some changes need where the sign-in is long ago: sent at the refusal that says so, entered in its field, and good for one change. */
export function useFreshCode() {
  const [code, setCode] = useState('');
  const sending = useMutation({ mutationFn: async () => (await ask(RequestFreshCode, {})).requestFreshCode });
  const forget = (): void => {
    setCode('');
    sending.reset();
  };
  return {
    code: code.replaceAll(/\s/g, '') || null,
    /** Have a code sent, if that is what a refusal asks for. Any other that decides something has used it up, but a wrong one. */
    onError: (error: Error): void => {
      const { code: why, passing } = refusalOf(error);
      if (passing) return;
      setCode('');
      if (why === 'SIGN_IN_AGAIN') sending.mutate();
      else if (why !== 'WRONG_CODE') sending.reset();
    },
    onSuccess: forget,
    field: sending.isIdle ? null
      : <CodeField {...{ code, setCode }} sent={sending.data} error={sending.error} pending={sending.isPending} again={() => { sending.mutate(); }} />,
    /** Whether the field says already what the refusal says. */
    answers: (error: unknown): boolean => !sending.isIdle && refusalOf(error).code === 'SIGN_IN_AGAIN',
  };
}

interface OfCode { code: string; setCode: (code: string) => void; sent: boolean | undefined; error: unknown; pending: boolean; again: () => void }

function CodeField({ code, setCode, sent, error, pending, again }: OfCode) {
  const { w } = useWords();
  const phone = useSession((session) => session.phone);
  return (
    <>
      <Field label={w.freshCode} hint={pending ? w.sending : sent === false ? w.freshCodeKept : w.freshCodeHint(phone)}>
        <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={7} value={code} onChange={({ target }) => { setCode(target.value); }} />
      </Field>
      <button type="button" className="link" disabled={pending} onClick={again}>{w.freshCodeAnother}</button>
      {error ? <Refused error={error} /> : null}
    </>
  );
}
