import { listOperators, removeOperator } from '#core/protocol/endpoints/operators.ts';
import { kickFromRoom, listRooms } from '#core/protocol/endpoints/rooms.ts';
import { callApi } from '../../page/api.ts';
import { type BoxStatus, useAct, usePolled } from '../box.ts';
import { ago, Card, Problem } from '../pieces.tsx';
import { Reports } from './reports.tsx';

/** Who watches, who is in which room, who complains, and who may operate. */
export function PeopleTab({ status }: { status: BoxStatus | null }) {
  return (
    <>
      {status && (
        <Card heading="Watching" class="stack">
          <p>
            <strong class="large">{status.audience.viewers}</strong> of {status.audience.max}, at most{' '}
            {status.audience.peak} in this broadcast.
          </p>
        </Card>
      )}
      <Members />
      <Reports />
      <Operators />
    </>
  );
}

function Members() {
  const { reply, problem, again } = usePolled(() => callApi(listRooms), 3_000);
  const kick = useAct();
  const rooms = (reply?.rooms ?? []).filter(({ members, id }) => members.length > 0 || id === 'main');
  return (
    <Card heading="Together" help="Who chats and watches in step." class="stack">
      <Problem of={problem ?? kick.problem} />
      {rooms.map((room) => (
        <section key={room.id} class="stack tight" aria-label={room.name}>
          <h3>
            {room.name}{' '}
            <span class="quiet small">
              {room.members.length} of {room.maxMembers}
            </span>
          </h3>
          {room.members.length === 0 && <p class="quiet">Nobody is here yet.</p>}
          <ul class="list">
            {room.members.map((member) => (
              <li key={member.id}>
                <span class="grow">
                  {member.name} {member.isHost && <span class="badge">Host</span>}
                </span>
                <span class="quiet small">
                  {member.connectionStatus === 'reconnecting' ? 'reconnecting' : ago(member.joinedAt)}
                </span>
                {!member.isHost && (
                  <button
                    type="button"
                    class="button danger"
                    disabled={kick.busy}
                    aria-label={`Remove ${member.name}`}
                    onClick={() =>
                      void kick.act(async () => {
                        await callApi(kickFromRoom, { params: { room: room.id, member: member.id } });
                        again();
                      })
                    }
                  >
                    Remove
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

function Operators() {
  const { reply, problem, again } = usePolled(() => callApi(listOperators), 10_000);
  const revoke = useAct();
  return (
    <Card heading="Operators" help="Browsers and programs that may change things here." class="stack">
      <Problem of={problem ?? revoke.problem} />
      <ul class="list">
        {(reply?.operators ?? []).map(({ id, name, lastSeenAt, current }) => (
          <li key={id}>
            <span class="grow">
              {name} {current && <span class="badge good">this one</span>}
            </span>
            <span class="quiet small">{lastSeenAt ? ago(lastSeenAt) : 'never seen'}</span>
            <button
              type="button"
              class="button danger"
              disabled={revoke.busy}
              aria-label={current ? 'Leave the studio' : `Revoke ${name}`}
              onClick={() =>
                void revoke.act(async () => {
                  await callApi(removeOperator, { params: { operator: id } });
                  if (current) location.reload();
                  else again();
                })
              }
            >
              {current ? 'Leave' : 'Revoke'}
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
