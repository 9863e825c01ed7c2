import { useState } from 'preact/hooks';
import { listOperators, type OperatorList, removeOperator } from '#core/protocol/endpoints/operators.ts';
import { endLead, kickFromRoom, listRooms, nameLeader } from '#core/protocol/endpoints/rooms.ts';
import { operatedBox } from '../../page/api.ts';
import { type BoxStatus, useAct, usePolled } from '../box.ts';
import { Card, Confirm, Problem } from '../pieces.tsx';
import { ago, figure, say } from '../say.ts';
import { Reports } from './reports.tsx';
import { ViewersCard } from './viewers-card.tsx';

interface Props {
  status: BoxStatus;
  toast: (text: string) => void;
}

/** Who watches, who is in which room, who complains, and who may operate. */
export function PeopleTab({ status, toast }: Props) {
  return (
    <>
      <ViewersCard status={status} toast={toast} />
      <Members toast={toast} />
      <Reports />
      <Operators toast={toast} />
    </>
  );
}

function Members({ toast }: Pick<Props, 'toast'>) {
  const { reply, problem, again } = usePolled(listRooms, 3_000);
  const kick = useAct();
  const rooms = (reply?.rooms ?? []).filter(({ members, id }) => members.length > 0 || id === 'main');
  const lead = (room: string, member: string, leads: boolean): void =>
    void kick.act(async () => {
      await operatedBox.call(leads ? endLead : nameLeader, { params: { room, member } });
      again();
    });
  const remove = (room: string, member: string, name: string): void =>
    void kick.act(async () => {
      await operatedBox.call(kickFromRoom, { params: { room, member } });
      again();
      toast(say('removed', { name }));
    });
  return (
    <Card heading={say('together')} help={say('togetherHelp')} class="stack">
      <Problem of={problem ?? kick.problem} />
      {rooms.map((room) => (
        <section key={room.id} class="stack tight" aria-label={room.name}>
          <h3>
            {room.name}{' '}
            <span class="quiet small">
              {say('someOf', { some: figure(room.members.length), of: figure(room.maxMembers) })}
            </span>
          </h3>
          {room.members.length === 0 && <p class="quiet">{say('nobodyHere')}</p>}
          <ul class="list">
            {room.members.map((member) => (
              <li key={member.id}>
                <span class="grow">
                  {member.name} {member.isHost && <span class="badge">{say('host')}</span>}
                </span>
                <span class="quiet small">
                  {member.connectionStatus === 'reconnecting' ? say('reconnecting') : ago(member.joinedAt)}
                </span>
                {!member.isHost && (
                  <button
                    type="button"
                    class="button"
                    aria-pressed={room.leaderId === member.id}
                    disabled={kick.busy}
                    onClick={() => lead(room.id, member.id, room.leaderId === member.id)}
                  >
                    {say(room.leaderId === member.id ? 'leadEnd' : 'leadBegin')}
                    <span class="unseen"> {member.name}</span>
                  </button>
                )}
                {!member.isHost && (
                  <button
                    type="button"
                    class="button danger"
                    disabled={kick.busy}
                    onClick={() => remove(room.id, member.id, member.name)}
                  >
                    {say('remove')}
                    <span class="unseen"> {member.name}</span>
                  </button>
                )}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}

type Operator = OperatorList['operators'][number];

function Operators({ toast }: Pick<Props, 'toast'>) {
  const { reply, problem, again } = usePolled(listOperators, 10_000);
  const [asking, setAsking] = useState<Operator | null>(null);
  const revoke = useAct();
  const end = ({ id, name, current }: Operator): void => {
    setAsking(null);
    void revoke.act(async () => {
      await operatedBox.call(removeOperator, { params: { operator: id } });
      if (current) return location.reload();
      again();
      toast(say('revoked', { name }));
    });
  };
  return (
    <Card heading={say('operators')} help={say('operatorsHelp')} class="stack">
      <Problem of={problem ?? revoke.problem} />
      <ul class="list">
        {(reply?.operators ?? []).map((operator) => (
          <li key={operator.id}>
            <span class="grow">
              {operator.name} {operator.current && <span class="badge good">{say('thisOne')}</span>}
            </span>
            <span class="quiet small">
              {operator.lastSeenAt ? ago(operator.lastSeenAt) : say('neverSeen')}
            </span>
            <button
              type="button"
              class="button danger"
              disabled={revoke.busy}
              onClick={() => setAsking(operator)}
            >
              {say(operator.current ? 'leave' : 'revoke')}
              <span class="unseen"> {operator.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {asking && (
        <Confirm
          heading={say(asking.current ? 'leaveHeading' : 'revokeHeading', { name: asking.name })}
          text={say(asking.current ? 'leaveText' : 'revokeText')}
          yes={say(asking.current ? 'leave' : 'revoke')}
          danger
          onYes={() => end(asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}
