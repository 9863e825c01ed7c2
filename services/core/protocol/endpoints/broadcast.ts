import { endpoint } from '../endpoint.ts';
import { statusBody } from './box.ts';

export const startBroadcast = endpoint({
  method: 'POST',
  path: '/api/v1/broadcast',
  who: 'operator',
  answers: { 202: statusBody },
  summary: 'Goes live',
  tag: 'broadcast',
});

export const stopBroadcast = endpoint({
  method: 'DELETE',
  path: '/api/v1/broadcast',
  who: 'operator',
  answers: { 202: statusBody },
  summary: 'Stops',
  tag: 'broadcast',
});
