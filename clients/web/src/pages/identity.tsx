import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import { SubmitIdentity } from '../api/generated';
import type { DocumentKind, IdentityInput, IdentityPartsFragment } from '../api/generated';
import { keep } from '../api/keep';
import { identity } from '../api/queries';
import { date } from '../clock';
import { useWords } from '../language';
import { kes } from '../money';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { Notice, Refused, Shown } from '../parts/states';

const KINDS: DocumentKind[] = ['NATIONAL_ID', 'PASSPORT', 'ALIEN_ID'];
const LOOK_MS = 3000;

export default function Identity() {
  const { w } = useWords();
  const asked = useQuery({ ...identity, refetchInterval: ({ state }) => (state.data?.state === 'PENDING' ? LOOK_MS : false) });
  return (
    <>
      <Back to="/account" />
      <h1>{w.identity.title}</h1>
      <Shown of={asked}>
        {(found) => (
          <>
            <Notice kind={found.state === 'VERIFIED' ? 'good' : found.state === 'REJECTED' ? 'bad' : 'info'}>
              <p data-testid="identity"><b>{w.identity.state[found.state]}</b></p>
              {found.reasons.map((reason) => <p key={reason}>{w.identity.reason[reason]}</p>)}
            </Notice>
            <Allowed of={found} />
            {(found.state === 'UNVERIFIED' || found.state === 'REJECTED') && <Ask />}
          </>
        )}
      </Shown>
    </>
  );
}

function Allowed({ of: { allowed } }: { of: IdentityPartsFragment }) {
  const { w } = useWords();
  const rows = [[w.identity.deposit, allowed.depositADay], [w.identity.bet, allowed.betADay], [w.identity.withdraw, allowed.withdrawADay]] as const;
  return <dl className="sums">{rows.map(([label, most]) => <div key={label}><dt>{label}</dt><dd>{most ? kes(most, true) : w.identity.noLimit}</dd></div>)}</dl>;
}

function Ask() {
  const { w } = useWords();
  const client = useQueryClient();
  const { register, handleSubmit, formState: { errors } } = useForm<IdentityInput>({ defaultValues: { documentKind: 'NATIONAL_ID' } });
  const asking = useMutation({
    mutationFn: async (input: IdentityInput) => (await ask(SubmitIdentity, { input })).submitIdentity,
    onSuccess: (found) => keep(client, identity, found),
  });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { asking.mutate(given); })(event); }}>
      <p>{w.identity.text}</p>
      <Field label={w.identity.kind}>
        <select {...register('documentKind')}>{KINDS.map((kind) => <option key={kind} value={kind}>{w.identity.kinds[kind]}</option>)}</select>
      </Field>
      <Field label={w.identity.number} mistake={errors.number && w.needed}><input autoComplete="off" {...register('number', { required: true })} /></Field>
      <Field label={w.identity.firstName} mistake={errors.firstName && w.needed}><input autoComplete="given-name" maxLength={40} {...register('firstName', { required: true })} /></Field>
      <Field label={w.identity.lastName} mistake={errors.lastName && w.needed}><input autoComplete="family-name" maxLength={40} {...register('lastName', { required: true })} /></Field>
      <Field label={w.signIn.birthdate} mistake={errors.birthdate && w.needed}><input type="date" max={date()} {...register('birthdate', { required: true })} /></Field>
      {asking.error && <Refused error={asking.error} />}
      <button className="button wide" disabled={asking.isPending}>{asking.isPending ? w.sending : w.identity.go}</button>
    </form>
  );
}
