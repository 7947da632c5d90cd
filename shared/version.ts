/** The version of the code, as package.json has it: part of every audit entry. */
export const VERSION = '0.6.0';
