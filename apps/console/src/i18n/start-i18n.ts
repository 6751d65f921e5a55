import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { initialLanguage, type Language, storedLanguage, storeLanguage } from './languages';

/** A language is a file of its own, so that nobody loads the other. */
const CATALOGUES: Record<Language, () => Promise<object>> = {
  en: () => import('./english'),
  zh: () => import('./chinese'),
};

/** Nothing is drawn before it has its words. */
export async function startI18n(): Promise<void> {
  const language = initialLanguage(storedLanguage(), navigator.languages);
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: { ...(await CATALOGUES[language]()) } } },
    // The catalogues have the same keys, held by a test: there is nothing to fall back to.
    fallbackLng: false,
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = language;
}

export async function changeLanguage(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', { ...(await CATALOGUES[language]()) });
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  storeLanguage(language);
}
