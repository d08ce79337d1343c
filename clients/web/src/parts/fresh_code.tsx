import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ask } from '../api/ask';
import { RequestFreshCode } from '../api/generated';
import { refusalOf } from '../api/refusal';
import { useWords } from '../language';
import { useSession } from '../session';
import { Field } from './field';
import { Refused } from './states';

/** The code that some changes need where the sign-in is long ago: sent at the refusal that says so, and entered in its field. */
export function useFreshCode() {
  const [code, setCode] = useState('');
  const sending = useMutation({ mutationFn: () => ask(RequestFreshCode, {}) });
  return {
    code: code.trim() || null,
    /** Have a code sent, if that is what a refusal asks for. */
    onError: (error: Error): void => { if (refusalOf(error).code === 'SIGN_IN_AGAIN') sending.mutate(); },
    field: sending.isIdle ? null : <CodeField {...{ code, setCode }} error={sending.error} />,
    /** Whether the field says already what the refusal says. */
    answers: (error: unknown): boolean => !sending.isIdle && refusalOf(error).code === 'SIGN_IN_AGAIN',
  };
}

function CodeField({ code, setCode, error }: { code: string; setCode: (code: string) => void; error: unknown }) {
  const { w } = useWords();
  const phone = useSession((session) => session.phone);
  return (
    <>
      <Field label={w.freshCode} hint={w.freshCodeHint(phone)}>
        <input className="code" inputMode="numeric" autoComplete="one-time-code" maxLength={6} value={code} onChange={({ target }) => { setCode(target.value); }} />
      </Field>
      {error ? <Refused error={error} /> : null}
    </>
  );
}
