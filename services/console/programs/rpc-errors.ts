import type { ErrorCode } from '#core/domain/errors.ts';
import { CommandError, commandErrorOf } from '#operator/command-error.ts';

/** The taxonomy in JSON-RPC's numbers: its own where it has them (specification, 5.1), else the server's range. */
export const rpcCodes: Record<ErrorCode | 'internal', number> = {
  'invalid-message': -32602,
  'unknown-command': -32601,
  internal: -32603,
  'not-found': -32004,
  conflict: -32009,
  full: -32010,
  unauthorized: -32001,
  forbidden: -32003,
  'rate-limited': -32029,
  'version-mismatch': -32026,
  unavailable: -32053,
};
/** What the box could not do for a reason of its own, which `data.code` names. */
export const refusedCode = -32000;
export const parseErrorCode = -32700;
export const invalidRequestCode = -32600;

export interface RpcError {
  code: number;
  message: string;
  data: { code: string; action: string | null };
}

export function rpcErrorOf(error: unknown): RpcError {
  const known =
    commandErrorOf(error) ??
    new CommandError('internal', 'Something went wrong inside the box.', 'Its log says more.');
  return {
    code: known.code in rpcCodes ? rpcCodes[known.code as ErrorCode] : refusedCode,
    message: known.message,
    data: { code: known.code, action: known.action },
  };
}
