/** The version of the whole repository, as in package.json. */
export const version = "0.1.0";
