/** What wrote an archive, as it stands in its manifest. Held equal to package.json by a test. */
export const GENERATOR = 'pawvault 0.1.0';
