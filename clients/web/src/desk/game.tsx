import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { dateOf, time } from '../clock';
import { Back } from '../parts/back';
import { Field } from '../parts/field';
import { HoldResults, MoveFixture, RefuseFixtureDecision, ReleaseResults, SetFixtureStatus } from './api/generated';
import type { DeskFixtureFragment, FixtureStatus } from './api/generated';
import { ask } from './ask';
import { CommandForm, useCommand } from './command';
import { Markets } from './markets';
import { Folded, Reason, Select, Shown, Tag, at, lengths, words } from './parts';
import { game } from './queries';
import { MatchRecord } from './record';

const STATUSES: readonly FixtureStatus[] = ['SCHEDULED', 'LIVE', 'ENDED', 'POSTPONED', 'INTERRUPTED', 'ABANDONED', 'CANCELLED'];
const LEAST = 5;
const MOST = 500;

/** One game: its start and status, its markets, what happened in it, and its results. */
export default function Game() {
  const id = decodeURIComponent(useParams<{ id: string }>().id);
  const asked = useQuery(game(id));
  return (
    <>
      <Back to="/desk/games" />
      <Shown of={asked}>
        {(of) => (
          <>
            <Head of={of} />
            <div className="desk-folds">
              <Status of={of} />
              <Move of={of} />
              <Wait of={of} />
            </div>
            <Markets of={of} />
            <MatchRecord of={of} />
          </>
        )}
      </Shown>
    </>
  );
}

function Head({ of }: { of: DeskFixtureFragment }) {
  return (
    <>
      <h1>{of.home.name.en} – {of.away.name.en} {of.score && <span className="score">{of.score.regular.home} – {of.score.regular.away}</span>}</h1>
      <p className="desk-facts">
        <Tag of={of.status} /> <span>{of.competition.name.en}</span> <span>{at(of.startsAt)}</span> <span>version {of.version}</span> <code>{of.id}</code>
      </p>
    </>
  );
}

function Status({ of }: { of: DeskFixtureFragment }) {
  const command = useCommand(async (given: { status: FixtureStatus; reason: string }, id) =>
    (await ask(SetFixtureStatus, { id, fixtureId: of.id, ...given })).setFixtureStatus);
  const others = STATUSES.filter((status) => status !== of.status);
  return (
    <Folded title="Change its status">
      <CommandForm label="Set the status" given={{ status: of.status === 'LIVE' ? 'ENDED' : 'LIVE', reason: '' }} command={command} said={({ status }) => `It is ${words(status)} now.`}>
        {({ register, formState: { errors } }) => (
          <>
            <Select label="Status" input={register('status')} of={others} />
            <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
          </>
        )}
      </CommandForm>
    </Folded>
  );
}

function Move({ of }: { of: DeskFixtureFragment }) {
  const command = useCommand(async ({ starts, reason }: { starts: string; reason: string }, id) =>
    // Typed by Nairobi's clock, as everything is shown.
    (await ask(MoveFixture, { id, fixtureId: of.id, startsAt: `${starts}:00+03:00`, reason })).moveFixture);
  return (
    <Folded title="Move its start">
      <CommandForm label="Move the start" given={{ starts: `${dateOf(of.startsAt)}T${time(of.startsAt, 'en')}`, reason: '' }} command={command} said={({ startsAt }) => `It begins on ${at(startsAt)}.`}>
        {({ register, formState: { errors } }) => (
          <>
            <Field label="New start, by Nairobi’s clock" mistake={errors.starts && 'A day and a time.'}><input type="datetime-local" {...register('starts', { required: true })} /></Field>
            <Reason input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />
          </>
        )}
      </CommandForm>
    </Folded>
  );
}

const WAITS = {
  hold: { label: 'Hold the results', send: async (given: Given) => (await ask(HoldResults, given)).holdResults.message },
  release: { label: 'Release them', send: async (given: Given) => (await ask(ReleaseResults, given)).releaseResults.message },
  refuse: { label: 'End the proposal', send: async (given: Given) => { await ask(RefuseFixtureDecision, given); return 'The proposal has ended; nothing was changed.'; } },
};
interface Given { id: string; fixtureId: string; reason: string }

/** Results wait until another trader lets them go; a proposal ends without being carried out. */
function Wait({ of }: { of: DeskFixtureFragment }) {
  return (
    <>
      <Folded title="Hold or release its results">
        <p className="faint">Nothing of this game settles while its results are held. Another trader than the one who held them releases them.</p>
        <Because what="hold" of={of} />
        <Because what="release" of={of} />
      </Folded>
      <Folded title="End what was proposed">
        <p className="faint">A record that waits for a second trader ends here; your own too.</p>
        <Because what="refuse" of={of} />
      </Folded>
    </>
  );
}

function Because({ what, of }: { what: keyof typeof WAITS; of: DeskFixtureFragment }) {
  const { label, send } = WAITS[what];
  const command = useCommand(({ reason }: { reason: string }, id) => send({ id, fixtureId: of.id, reason }));
  return (
    <CommandForm label={label} given={{ reason: '' }} command={command} said={(message) => message}>
      {({ register, formState: { errors } }) => <Reason label={`${label}: why`} input={register('reason', lengths(LEAST, MOST))} wrong={Boolean(errors.reason)} least={LEAST} most={MOST} />}
    </CommandForm>
  );
}
