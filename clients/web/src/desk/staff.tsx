import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ReinstateStaff, SuspendStaff } from './api/generated';
import type { StaffMembersQuery } from './api/generated';
import { ask } from './ask';
import { Act, why } from './form';
import { Folded, Shown, Tag } from './parts';
import { staffMembers } from './queries';

/** Somebody of the staff by e-mail address, by id while that is not known. */
export function Who({ id }: { id: string }) {
  return <>{useNames()(id)}</>;
}

/** How people who work here are called. */
export function useNames(): (id: string) => string {
  const { data = [] } = useQuery(staffMembers);
  return (id) => (id === 'SYSTEM' ? 'the platform' : data.find((each) => each.id === id)?.email ?? id);
}

/** Who works here, and whose powers are taken at once. */
export default function Staff({ me }: { me: string }) {
  return (
    <>
      <h1>Who works here</h1>
      <p className="faint">Administrators of the AWS account hire people and put them into groups. Here their powers are taken at once, and given back.</p>
      <Shown of={useQuery({ ...staffMembers, staleTime: 0 })}>
        {(all) => <ul className="cards">{all.map((each) => <One key={each.id} of={each} mine={each.id === me} />)}</ul>}
      </Shown>
    </>
  );
}

function One({ of, mine }: { of: StaffMembersQuery['staffMembers'][number]; mine: boolean }) {
  const client = useQueryClient();
  const suspended = of.status === 'SUSPENDED';
  const label = suspended ? 'Give the powers back' : 'Take all powers';
  return (
    <li className="card still">
      <div className="card-head"><h2>{of.email}</h2><Tag of={of.status} /></div>
      <p className="desk-facts"><span>{of.groups.join(', ') || 'in no group'}</span><code>{of.id}</code></p>
      {mine ? <p className="faint">This is you: another administrator decides about you.</p> : (
        <Folded key={of.status} title={label}>
          <Act label={label} danger={!suspended} asks={{ reason: why(3, 200) }} send={async (given, id) => {
            await (suspended ? ask(ReinstateStaff, { id, staffId: of.id, ...given }) : ask(SuspendStaff, { id, staffId: of.id, ...given }));
            await client.invalidateQueries({ queryKey: staffMembers.queryKey });
            return 'Done, from now on.';
          }} />
        </Folded>
      )}
    </li>
  );
}
