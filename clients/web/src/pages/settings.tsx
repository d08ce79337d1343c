import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { ask } from '../api/ask';
import { SetPassword, SetPreferences, UpdateProfile } from '../api/generated';
import type { MessageChannel, MessagePreferencesInput, UpdateProfileInput } from '../api/generated';
import { keep } from '../api/keep';
import { me, preferences } from '../api/queries';
import type { Tongue } from '../clock';
import { useLanguage, useWords } from '../language';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { Notice, Refused, Shown } from '../parts/states';
import { useSession } from '../session';

const TONGUES: { tongue: Tongue; name: string }[] = [{ tongue: 'en', name: 'English' }, { tongue: 'sw', name: 'Kiswahili' }];

export function Settings() {
  const { w } = useWords();
  const userId = useSession((session) => session.userId);
  return (
    <>
      <Back to="/account" />
      <h1>{w.settings.title}</h1>
      <SpeakIn />
      {userId && <><Name /><Password /><Messages /></>}
    </>
  );
}

function useProfile() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (input: UpdateProfileInput) => {
      const { updateProfile } = await ask(UpdateProfile, { input });
      if (input.language) await (await import('../api/auth')).renew();
      return updateProfile;
    },
    onSuccess: (user) => keep(client, me, user),
  });
}

/** The language of the app, and of the messages to who is signed in. */
function SpeakIn() {
  const { w } = useWords();
  const { tongue, speak } = useLanguage();
  const userId = useSession((session) => session.userId);
  const keeping = useProfile();
  const choose = (chosen: Tongue): void => {
    speak(chosen);
    if (userId) keeping.mutate({ language: chosen === 'sw' ? 'SW' : 'EN' });
  };
  return (
    <section>
      <h2>{w.settings.language}</h2>
      <div className="segments" role="group" aria-label={w.settings.language}>
        {TONGUES.map((one) => <button key={one.tongue} type="button" lang={one.tongue} aria-pressed={tongue === one.tongue} onClick={() => { choose(one.tongue); }}>{one.name}</button>)}
      </div>
      {keeping.error && <Refused error={keeping.error} />}
      {keeping.data && <Notice kind="good"><p>{w.saved}</p></Notice>}
    </section>
  );
}

function Name() {
  const { w } = useWords();
  const { data: user } = useQuery(me);
  const keeping = useProfile();
  const { register, handleSubmit } = useForm<{ displayName: string }>({ values: { displayName: user?.displayName ?? '' } });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { keeping.mutate(given); })(event); }}>
      <h2>{w.settings.name}</h2>
      <Field label={w.settings.nameLabel}><input autoComplete="nickname" maxLength={40} {...register('displayName', { required: true })} /></Field>
      {keeping.error && <Refused error={keeping.error} />}
      {keeping.data && <Notice kind="good"><p>{w.saved}</p></Notice>}
      <button className="button quiet" disabled={keeping.isPending}>{w.save}</button>
    </form>
  );
}

function Password() {
  const { w } = useWords();
  const { register, handleSubmit, reset, formState: { errors } } = useForm<{ password: string }>();
  const setting = useMutation({ mutationFn: (given: { password: string }) => ask(SetPassword, given), onSuccess: () => { reset(); } });
  return (
    <form noValidate onSubmit={(event) => { void handleSubmit((given) => { setting.mutate(given); })(event); }}>
      <h2>{w.settings.password}</h2>
      <Field label={w.settings.passwordLabel} hint={w.settings.passwordHint} mistake={errors.password && w.settings.passwordWrong}>
        <input type="password" autoComplete="new-password" {...register('password', { required: true, minLength: 10, maxLength: 99 })} />
      </Field>
      {setting.error && <Refused error={setting.error} />}
      {setting.data && <Notice kind="good"><p>{w.saved}</p></Notice>}
      <button className="button quiet" disabled={setting.isPending}>{w.save}</button>
    </form>
  );
}

/** By which channel each kind of message goes out first; offers only to who wants them. */
function Messages() {
  const { w } = useWords();
  const client = useQueryClient();
  const asked = useQuery(preferences);
  const choosing = useMutation({
    mutationFn: async (input: MessagePreferencesInput) => (await ask(SetPreferences, { input })).setMessagePreferences,
    onSuccess: (found) => keep(client, preferences, found),
  });
  const channels: MessageChannel[] = ['INBOX', 'PUSH', 'SMS', 'EMAIL'];
  return (
    <section>
      <h2>{w.settings.messages}</h2>
      <p className="faint">{w.settings.messagesText}</p>
      <Shown of={asked}>
        {({ categories, offersConsent }) => (
          <>
            {categories.filter(({ fixed, category }) => !fixed && category !== 'OFFERS').map(({ category, channels: now, required }) => (
              <Field key={category} label={w.settings.category[category]}>
                <select value={now[0] ?? 'INBOX'} onChange={({ target }) => { choosing.mutate({ categories: [{ category, channels: [target.value as MessageChannel] }] }); }}>
                  {channels.filter((one) => one !== 'INBOX' || !required).map((one) => <option key={one} value={one}>{w.settings.channel[one]}</option>)}
                </select>
              </Field>
            ))}
            <label className="check"><input type="checkbox" checked={offersConsent} onChange={({ target }) => { choosing.mutate({ offersConsent: target.checked }); }} /><span>{w.settings.offers}</span></label>
          </>
        )}
      </Shown>
      {choosing.error && <Refused error={choosing.error} />}
    </section>
  );
}
