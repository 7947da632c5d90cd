import { CloudError } from '../errors.ts';

/**
 * The service's refusals that more than one place speaks, with their HTTP status.
 * @see https://www.alibabacloud.com/help/en/tablestore/developer-reference/error-codes
 */
export function parameterInvalid(message: string): CloudError {
  return new CloudError(400, 'OTSParameterInvalid', message);
}

/** The primary key does not fit the table's schema. */
export function invalidPrimaryKey(message: string): CloudError {
  return new CloudError(400, 'OTSInvalidPK', message);
}

/** The row's existence or the column condition is not as the caller expects; nothing was written. */
export function conditionCheckFail(): CloudError {
  return new CloudError(403, 'OTSConditionCheckFail', 'Condition check failed.');
}

/** There is no table of that name. */
export function tableNotExist(): CloudError {
  return new CloudError(404, 'OTSObjectNotExist', 'Requested table does not exist.');
}
