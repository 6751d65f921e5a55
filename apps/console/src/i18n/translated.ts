/**
 * The same keys in another language. English has a singular, written `…_one` beside `…_other`; languages without one, like Chinese,
 * leave it out, as i18next expects.
 */
export type Translated<Catalogue> = {
  [Key in keyof Catalogue as Key extends `${string}_one` ? never : Key]: Catalogue[Key] extends string
    ? string
    : Translated<Catalogue[Key]>;
};
