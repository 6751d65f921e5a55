import { NotFoundException } from '@nestjs/common';
import { DomainError, type ErrorCode, ERRORS } from '@pawvault/contracts';
import { UnprocessableRequest } from './unprocessable-request';
import { toWireError } from './wire-error';

const CODES = Object.keys(ERRORS) as ErrorCode[];

describe('an error on the wire of QwenPaw', () => {
  it.each<ErrorCode>([
    'backup_legacy_unsigned',
    'backup_signature_mismatch',
    'backup_unknown_signature_scheme',
    'restore_target_busy',
  ])('%s is an object with the code and what belongs to it', (code) => {
    const error = new DomainError(code, 'because', { locked_paths: ['/w/a'], code: 'other', message: 'other' });
    expect(toWireError(error)).toEqual({
      status: 400,
      body: { detail: { code, message: 'because', locked_paths: ['/w/a'] } },
    });
  });

  it.each<[ErrorCode, number, string]>([
    ['BACKUP_NOT_FOUND', 404, 'Backup not found'],
    ['BACKUP_ID_INVALID', 404, 'Backup not found'],
    ['JOB_NOT_FOUND', 404, 'Backup job not found'],
    ['BACKUP_INVALID', 400, ERRORS.BACKUP_INVALID.title],
    ['ARCHIVE_NOT_ZIP', 400, ERRORS.ARCHIVE_NOT_ZIP.title],
    ['RESTORE_AGENT_NOT_IN_BACKUP', 400, ERRORS.RESTORE_AGENT_NOT_IN_BACKUP.title],
    ['BACKUP_EXISTS', 400, ERRORS.BACKUP_EXISTS.title],
    ['RANGE_NOT_SATISFIABLE', 416, ERRORS.RANGE_NOT_SATISFIABLE.title],
    ['PAYLOAD_TOO_LARGE', 413, ERRORS.PAYLOAD_TOO_LARGE.title],
    ['QUEUE_UNAVAILABLE', 503, ERRORS.QUEUE_UNAVAILABLE.title],
    ['DISK_FULL', 507, ERRORS.DISK_FULL.title],
  ])('%s is a %i that says "%s"', (code, status, detail) => {
    expect(toWireError(new DomainError(code))).toEqual({ status, body: { detail } });
  });

  it('is never a 409, which its clients take for a conflict of imports, and never a success', () => {
    const statuses = CODES.map((code) => toWireError(new DomainError(code)).status);
    expect(statuses.filter((status) => status === 409 || status < 400)).toEqual([]);
  });

  it('of a body that is at fault lists the faults', () => {
    const issue = { type: 'missing', loc: ['body', 'name'], msg: 'Field required', input: {} };
    expect(toWireError(new UnprocessableRequest([issue]))).toEqual({ status: 422, body: { detail: [issue] } });
  });

  it('that nobody expected tells nothing of itself', () => {
    expect(toWireError(new Error('/home/mina/.secret'))).toEqual({
      status: 500,
      body: { detail: ERRORS.INTERNAL_ERROR.title },
    });
  });

  it('of Nest keeps its status', () => {
    expect(toWireError(new NotFoundException('Cannot GET /x'))).toEqual({
      status: 404,
      body: { detail: 'Cannot GET /x' },
    });
  });
});
