import { cloneElement, useId } from 'react';
import type { ReactElement } from 'react';

interface OfField {
  label: string;
  hint?: string | undefined;
  mistake?: string | false | undefined;
  children: ReactElement<{ id?: string; 'aria-invalid'?: boolean; 'aria-describedby'?: string }>;
}

/** A labelled input with its hint, and what is wrong with what was typed. */
export function Field({ label, hint, mistake, children }: OfField) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, { id, 'aria-invalid': Boolean(mistake), ...(mistake || hint ? { 'aria-describedby': `${id}-hint` } : {}) })}
      {(mistake || hint) && <span id={`${id}-hint`} className={mistake ? 'mistake' : 'hint'} role={mistake ? 'alert' : undefined}>{mistake || hint}</span>}
    </div>
  );
}
