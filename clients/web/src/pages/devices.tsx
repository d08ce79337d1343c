import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import { ask } from '../api/ask';
import { SignOutDevice, SignOutEverywhere } from '../api/generated';
import { keep } from '../api/keep';
import { devices } from '../api/queries';
import { moment } from '../clock';
import { useWords } from '../language';
import { Back } from '../parts/back';
import { Refused, Shown } from '../parts/states';

export default function Devices() {
  const { w, tongue } = useWords();
  const client = useQueryClient();
  const [, go] = useLocation();
  const asked = useQuery(devices);
  const one = useMutation({
    mutationFn: async (id: string) => (await ask(SignOutDevice, { id })).signOutDevice,
    onSuccess: (all) => keep(client, devices, all),
  });
  const all = useMutation({
    mutationFn: async () => {
      await ask(SignOutEverywhere, {});
      const { leave } = await import('../api/auth');
      go('/'); // First: a page of somebody's own would ask who just left to sign in.
      await leave();
    },
  });
  const error = one.error ?? all.error;
  return (
    <>
      <Back to="/account" />
      <h1>{w.devices.title}</h1>
      <p>{w.devices.text}</p>
      <Shown of={asked}>
        {(known) => (
          <ul className="menu">
            {known.map((device) => (
              <li key={device.id} className="line">
                <span><b>{device.name}</b><small>{device.current ? w.devices.here : device.signedOutAt ? w.devices.out : w.devices.last(moment(device.lastSeenAt, tongue))}</small></span>
                {!device.current && !device.signedOutAt && <button type="button" className="button small quiet" disabled={one.isPending} onClick={() => { one.mutate(device.id); }}>{w.devices.signOut}</button>}
              </li>
            ))}
          </ul>
        )}
      </Shown>
      {error && <Refused error={error} />}
      <button type="button" className="button wide danger" disabled={all.isPending} onClick={() => { if (window.confirm(w.devices.sure)) all.mutate(); }}>{w.devices.everywhere}</button>
    </>
  );
}
