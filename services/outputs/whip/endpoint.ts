/** A WHIP endpoint that answered something else than 201. */
export class WhipRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the WHIP endpoint answered ${status}`);
    this.status = status;
  }
}

export interface WhipAnswer {
  sdp: string;
  /** Of the session, to end it by; null where the endpoint named none. */
  resource: string | null;
}

const answerTimeoutMs = 8_000;
/** No answer is longer. */
const maxAnswerBytes = 256 * 1024;

const authorization = (token: string | null): Record<string, string> =>
  token === null ? {} : { authorization: `Bearer ${token}` };

/** Offers the stream (RFC 9725, 4.2). @throws WhipRefusal, and TypeError where nothing answers */
export async function offerByWhip(url: string, token: string | null, sdp: string): Promise<WhipAnswer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/sdp', ...authorization(token) },
    body: sdp,
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  if (answer.status !== 201) throw new WhipRefusal(answer.status);
  const text = await answer.text();
  if (text.length > maxAnswerBytes) throw new WhipRefusal(502);
  const location = answer.headers.get('location');
  return { sdp: text, resource: location === null ? null : new URL(location, answer.url).href };
}

/** Ends a session; whether that arrived or not, it is over. */
export async function endWhip(resource: string, token: string | null): Promise<void> {
  await fetch(resource, {
    method: 'DELETE',
    headers: authorization(token),
    signal: AbortSignal.timeout(1_000),
  }).catch(() => {});
}
