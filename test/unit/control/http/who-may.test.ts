import t from 'tap';
import { endpoints } from '#core/protocol/endpoints/table.ts';

/** What viewers do (design.md, "Who may"); everything else that isn't reading asks for the operator. */
const viewersActs = [
  'POST /api/v1/streams/:id/tokens',
  'POST /api/v1/delay',
  'POST /whep',
  'PATCH /whep/:session',
  'DELETE /whep/:session',
];
/** They make an operator, or check for themselves who asks. */
const doors = [
  'POST /whip',
  'PATCH /whip/:session',
  'DELETE /whip/:session',
  'POST /api/v1/pairing',
  'POST /api/v1/pairing/code',
  // Lights a digit once somebody held the button.
  'POST /api/v1/certificate/proof',
  'DELETE /api/v1/sessions/:room',
  'DELETE /api/v1/sessions/:room/members/:member',
  'DELETE /api/v1/rooms/:room',
  'DELETE /api/v1/rooms/:room/members/:member',
  'POST /api/v1/rooms/:room/members/:member/lead',
  'DELETE /api/v1/rooms/:room/members/:member/lead',
  'POST /api/v1/rooms/:room/messages',
  'DELETE /api/v1/rooms/:room/messages/:message',
];
/** What anybody may read. */
const open = [
  'GET /api/v1/status',
  'GET /api/v1/events',
  'GET /api/v1/health',
  'GET /api/v1/pairing',
  'GET /api/v1/sessions',
  'GET /api/v1/rooms',
  'GET /api/v1/certificate',
  // Recordings only where viewing.recordings lets them.
  'GET /api/v1/recordings',
  'GET /api/v1/recordings/:id.mp4',
  'GET /api/v1/recordings/:id.jpg',
  'GET /api/v1/snapshot.jpg',
  'GET /api/v1/devices',
];

const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`;

t.test('what changes the box’s state asks for the operator, but for viewers’ acts', async (t) => {
  const acts = endpoints.filter(({ method }) => method !== 'GET');
  t.ok(acts.length > 15);
  const withoutOperator = acts.filter(({ who }) => who !== 'operator').map(name);
  t.same(withoutOperator.sort(), [...viewersActs, ...doors].sort());
});

t.test('what is the operator’s to read is not open', async (t) => {
  const readable = endpoints.filter(({ method, who, path }) => {
    return method === 'GET' && who !== 'operator' && who !== 'host' && path.startsWith('/api/v1/');
  });
  t.same(readable.map(name).sort(), open.sort());
});

t.test('no endpoint of the operator answers pages of other sites', async (t) => {
  t.same(
    endpoints.filter(({ who, anyOrigin }) => who === 'operator' && anyOrigin),
    [],
  );
});
