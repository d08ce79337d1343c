// One form for every command of the desks: what it asks for is said as a list, and what came of it stands above its button.
import { useForm } from 'react-hook-form';
import type { FieldValues, RegisterOptions, UseFormRegisterReturn } from 'react-hook-form';
import type { SyntheticEvent } from 'react';
import { amountOf, cents } from '../money';
import { Field } from '../parts/field';
import { Notice } from '../parts/states';
import { useCommand } from './command';
import { Refused, words } from './parts';

type Value = string | boolean;

/** What a form asks for. With `of` it is chosen among these, by their names or as people read codes; a first value that is true or false is ticked. */
export interface Ask<Asked extends Value = string> {
  label: string;
  first: Asked;
  hint?: string | undefined;
  /** What is said where it breaks its rules. */
  mistake?: string;
  rules?: RegisterOptions;
  of?: readonly (Asked | readonly [Asked, string])[];
  type?: 'text' | 'date' | 'datetime-local' | 'decimal' | 'numeric' | 'tel';
  min?: string;
  max?: string;
  step?: number;
  /** It shares its line with others. */
  short?: boolean;
}

/** Text on one line, which must not be empty. */
export const line = (label: string, more: Partial<Ask> = {}): Ask => ({ label, first: '', mistake: 'It must not be empty.', rules: { required: true }, ...more });
/** Text that may be left out. */
export const perhaps = (label: string, more: Partial<Ask> = {}): Ask => ({ label, first: '', ...more });
export const oneOf = <Asked extends Value>(label: string, of: readonly (Asked | readonly [Asked, string])[], first: Asked, more: Partial<Ask<Asked>> = {}): Ask<Asked> => ({ label, of, first, ...more });
/** Words that somebody writes, so many characters of them. */
export const said = (least: number, most: number, label: string, more: Partial<Ask> = {}): Ask =>
  line(label, { mistake: `Write ${String(least)} to ${String(most)} characters on one line.`, rules: { required: true, minLength: least, maxLength: most }, ...more });
/** Why somebody does it. It is kept for ever, so nobody's name or number belongs into it. */
export const why = (least: number, most: number, label = 'Why'): Ask => said(least, most, label, { hint: 'It stays in the trail: no names, no phone numbers.' });

export const SHILLINGS = line('Shillings', { type: 'decimal', mistake: 'An amount above zero, like 250 or 250.50.', rules: { required: true, validate: (text: string) => (cents(text) ?? 0n) > 0n } });
/** What the API takes of an amount that was typed. */
export const money = (text: string) => ({ amount: amountOf(cents(text) ?? 0n) });
/** What came of what may take two administrators. */
export const came = (status: string): string => (status === 'PROPOSED' ? 'It waits for another administrator, who finds it among the approvals.' : status === 'DONE' ? 'It is done.' : `It is ${words(status)}.`);

interface OfAct<Given> {
  /** What its button says. */
  label: string;
  asks: { [Name in keyof Given]: Given[Name] extends Value ? Ask<Given[Name]> : never };
  /** Sends it, under the command's own id; returns what came of it, for a person. */
  send: (given: Given, id: string) => Promise<string>;
  danger?: boolean;
}

/** A form that sends a command. It is empty again once that is answered. */
export function Act<Given extends Record<keyof Given, Value>>({ label, asks, send, danger = false }: OfAct<Given>) {
  const all = Object.entries<Ask<Value>>(asks as Record<string, Ask<Value>>);
  // By their place: an outcome's id may have points in it, which the form would read as a path.
  const values = Object.fromEntries(all.map(([, { first }], place) => [`_${String(place)}`, first]));
  const { register, handleSubmit, reset, setError, formState: { errors } } = useForm({ values, resetOptions: { keepDirtyValues: true } });
  const command = useCommand(send, () => { reset(undefined, { keepDirtyValues: false }); });
  const on = (typed: FieldValues) => { command.mutate(Object.fromEntries(all.map(([name], place) => [name, typed[`_${String(place)}`] as Value])) as Given); };
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    // What is typed by half has an empty value, which says something else.
    const half = Array.from(event.currentTarget.elements).filter((each) => each instanceof HTMLInputElement && each.validity.badInput);
    if (!half.length) { void handleSubmit(on)(event); return; }
    event.preventDefault();
    half.forEach((each) => { setError((each as HTMLInputElement).name, { type: 'half' }); });
  };
  return (
    <form noValidate className="act" onSubmit={submit}>
      {all.map(([name, ask], place) => <One key={name} ask={ask} wrong={Boolean(errors[`_${String(place)}`])} input={register(`_${String(place)}`, ask.rules)} />)}
      {command.error && <Refused error={command.error} />}
      {command.isSuccess && <Notice kind="good"><p>{command.data}</p></Notice>}
      <button className={`button small${danger ? ' danger' : ''}`} disabled={command.isPending}>{command.isPending ? 'Sending…' : label}</button>
    </form>
  );
}

function One({ ask, wrong, input }: { ask: Ask<Value>; wrong: boolean; input: UseFormRegisterReturn }) {
  const { label, first, hint, mistake, of, type = 'text', min, max, step, short = false } = ask;
  if (typeof first === 'boolean' && !of) return <label className="check"><input type="checkbox" {...input} /><span>{label}</span></label>;
  const named = (each: Value | readonly [Value, string]): readonly [string, string] => (typeof each === 'object' ? [String(each[0]), each[1]] : [String(each), words(String(each))]);
  const decimal = type === 'decimal' || type === 'numeric';
  return (
    <div className={short ? 'short' : undefined}>
      <Field label={label} hint={hint} mistake={wrong && (mistake ?? 'Type all of it, or nothing.')}>
        {of
          ? <select {...input}>{of.map((each) => { const [value, name] = named(each); return <option key={value} value={value}>{name}</option>; })}</select>
          : <input type={decimal ? 'text' : type} inputMode={decimal ? type : undefined} autoComplete="off" min={min} max={max} step={step} {...input} />}
      </Field>
    </div>
  );
}
