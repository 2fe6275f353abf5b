/** Of the engine, as in package.json. Stored with every run: another version may replay a script differently. */
export const ENGINE_VERSION = "0.1.0";
