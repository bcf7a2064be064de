/** knex writes addresses and statements of failures to the console: here they are faults, told once. */
export const quiet = { warn() {}, error() {}, debug() {}, deprecate() {} };
