import { z } from 'zod';
import { linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { version } from '#core/version.ts';
import type { AnyCommand } from '#operator/command.ts';
import type { LineContext } from '../commands/context.ts';
import { maxBatch, maxLineKilobytes, maxUnderWay } from './limits.ts';
import { invalidRequestCode, parseErrorCode, refusedCode, rpcCodes } from './rpc-errors.ts';

/** The OpenRPC document (https://spec.open-rpc.org) of the line, from the table of commands. */
export function openRpcOf(commands: readonly AnyCommand<LineContext>[]): object {
  return {
    openrpc: '1.3.2',
    info: {
      title: 'Onair on its serial line',
      version,
      license: { name: 'MIT' },
      description: `JSON-RPC 2.0, one request or batch a line, over the USB serial port. Send an empty line first. Answers and notifications are the lines that begin with { or [; skip all others, they are for people. A line may have ${maxLineKilobytes} KB, a batch ${maxBatch} requests, and ${maxUnderWay} requests may be under way. Any method may answer with any error of components.errors; its data has code and action.`,
    },
    methods: [...commands.map(methodOf), discover],
    'x-notifications': [
      {
        name: 'statusChanged',
        summary: 'After subscribe: at once, and at every change. A slow reader gets the latest only.',
        params: [{ name: 'status', required: true, schema: schemaOf(linkStatusBody, 'output') }],
      },
      {
        name: 'statusLost',
        summary: 'The box’s main service went away; statusChanged follows once it is back.',
        params: [],
      },
    ],
    components: { errors: errors() },
  };
}

const discover = {
  name: 'rpc.discover',
  summary: 'This document',
  params: [],
  result: { name: 'OpenRPC Schema', schema: { type: 'object' } },
};

function methodOf({
  method,
  summary,
  details,
  params,
  result,
  arguments: order,
}: AnyCommand<LineContext>): object {
  const { properties = {}, required = [] } = schemaOf(params, 'input') as {
    properties?: Record<string, object>;
    required?: string[];
  };
  const ordered = order.map(({ name }) => name);
  const names = [...ordered, ...Object.keys(properties).filter((name) => !ordered.includes(name))];
  return {
    name: method,
    summary,
    ...(details ? { description: details } : {}),
    paramStructure: 'either',
    params: names.map((name) => ({
      name,
      required: required.includes(name),
      schema: properties[name] ?? {},
    })),
    result: { name: 'result', schema: schemaOf(result, 'output') },
  };
}

function errors(): Record<string, object> {
  const named = Object.entries(rpcCodes).map(([name, code]) => [name, { code, message: name }]);
  return {
    ...Object.fromEntries(named),
    'parse-error': { code: parseErrorCode, message: 'parse-error' },
    'invalid-request': { code: invalidRequestCode, message: 'invalid-request' },
    refused: { code: refusedCode, message: 'refused, as data.code says' },
  };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}
