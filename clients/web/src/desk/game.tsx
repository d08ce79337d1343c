import { useQuery } from '@tanstack/react-query';
import { useParams } from 'wouter';
import { Back } from '../parts/back';
import { MoveFixture, RefuseFixtureDecision, SetFixtureStatus, SetPopular } from './api/generated';
import type { DeskFixtureFragment, FixtureStatus } from './api/generated';
import { ask } from './ask';
import { Act, line, oneOf, why } from './form';
import { Markets } from './markets';
import { AddMarket } from './offer_market';
import { Folded, Shown, Tag, at, momentOf, typed, words } from './parts';
import { game, popular } from './queries';
import { MatchRecord } from './record';
import { Waits } from './waits';

const STATUSES: readonly FixtureStatus[] = ['SCHEDULED', 'LIVE', 'ENDED', 'POSTPONED', 'INTERRUPTED', 'ABANDONED', 'CANCELLED'];
const WHY = why(5, 500);

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
              <Waits fixtureId={of.id} />
              <Status of={of} />
              <Move of={of} />
              <Popular of={of} />
              <Folded title="End what was proposed">
                <p className="faint">A record or a while that waits for a second trader ends here; your own too.</p>
                <Act label="End the proposal" asks={{ reason: WHY }} send={async (given, command) => {
                  await ask(RefuseFixtureDecision, { id: command, fixtureId: of.id, ...given });
                  return 'The proposal has ended; nothing was changed.';
                }} />
              </Folded>
            </div>
            <Markets of={of} />
            <AddMarket of={of} />
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
  const others = STATUSES.filter((status) => status !== of.status);
  return (
    <Folded title="Change its status">
      <Act label="Set the status" asks={{ status: oneOf('Status', others, of.status === 'LIVE' ? 'ENDED' : 'LIVE'), reason: WHY }}
        send={async (given, id) => `It is ${words((await ask(SetFixtureStatus, { id, fixtureId: of.id, ...given })).setFixtureStatus.status)} now.`} />
    </Folded>
  );
}

function Move({ of }: { of: DeskFixtureFragment }) {
  const starts = line('New start, by Nairobi’s clock', { type: 'datetime-local', first: typed(of.startsAt), mistake: 'A day and a time.' });
  return (
    <Folded title="Move its start">
      <Act label="Move the start" asks={{ starts, reason: WHY }} send={async (given, id) => {
        const { startsAt } = (await ask(MoveFixture, { id, fixtureId: of.id, startsAt: momentOf(given.starts), reason: given.reason })).moveFixture;
        return `It begins on ${at(startsAt)}.`;
      }} />
    </Folded>
  );
}

function Popular({ of }: { of: DeskFixtureFragment }) {
  const { data } = useQuery(popular(of.sport.id));
  if (!data) return null;
  const is = data.includes(of.id);
  const title = is ? 'Take it from the popular games' : 'Make it a popular game';
  return (
    <Folded title={title}>
      <p className="faint">Popular games stand first in the players’ lobby until they begin, at most 50 of a sport.</p>
      <Act label={title} asks={{}} send={async (_, id) => {
        const { setPopular } = await ask(SetPopular, { id, fixtureId: of.id, popular: !is });
        return setPopular ? 'It is a popular game.' : 'It is no popular game any more.';
      }} />
    </Folded>
  );
}
