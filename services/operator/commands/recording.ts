import { z } from 'zod';
import { recordingStateText, recordingsText } from '#core/domain/recording-text.ts';
import {
  listRecordings,
  recordingList,
  recordingState,
  startRecording,
  stopRecording,
} from '#core/protocol/endpoints/recordings.ts';
import { command } from '../command.ts';

export const recordCommand = command({
  method: 'record',
  summary: 'Record the running broadcast from now on',
  arguments: [],
  params: z.strictObject({}),
  result: recordingState,
  run: async (_, { box, signal }) => await box.call(startRecording, { signal }),
  show: recordingStateText,
});

export const recordStopCommand = command({
  method: 'record.stop',
  summary: 'End the recording; the broadcast goes on',
  arguments: [],
  params: z.strictObject({}),
  result: recordingState,
  run: async (_, { box, signal }) => await box.call(stopRecording, { signal }),
  show: recordingStateText,
});

export const recordingsCommand = command({
  method: 'recordings',
  summary: 'What was recorded, and how much room is left',
  arguments: [],
  params: z.strictObject({}),
  result: recordingList,
  run: async (_, { box, signal }) => await box.call(listRecordings, { signal }),
  show: recordingsText,
});
