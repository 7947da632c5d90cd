import { userInfo } from 'node:os';

/** Who asks, where nobody says: the user of this machine. */
export function whoAsks(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list.
    return 'somebody';
  }
}
