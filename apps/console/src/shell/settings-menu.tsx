import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from '@mantine/core';
import { IconApi, IconCheck, IconLogout, IconSettings } from '@tabler/icons-react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { token } from '../api/client';
import { useSession } from '../api/queries';
import { isLanguage, type Language, LANGUAGES } from '../i18n/languages';
import { changeLanguage } from '../i18n/start-i18n';

const SCHEMES: MantineColorScheme[] = ['light', 'dark', 'auto'];

/** How the page looks and speaks: kept by the browser, not by PawVault. */
export const SettingsMenu = () => {
  const { t, i18n } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const held = useSyncExternalStore(token.subscribe, token.get);
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={t('app.settings')}>
          <IconSettings size={20} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t('app.language')}</Menu.Label>
        {(Object.keys(LANGUAGES) as Language[]).filter(isLanguage).map((language) => (
          <Menu.Item
            key={language}
            lang={language}
            rightSection={i18n.language === language && <IconCheck size={16} aria-hidden />}
            aria-current={i18n.language === language}
            onClick={() => void changeLanguage(language)}
          >
            {LANGUAGES[language]}
          </Menu.Item>
        ))}
        <Menu.Label>{t('app.appearance.label')}</Menu.Label>
        {SCHEMES.map((scheme) => (
          <Menu.Item
            key={scheme}
            rightSection={colorScheme === scheme && <IconCheck size={16} aria-hidden />}
            aria-current={colorScheme === scheme}
            onClick={() => setColorScheme(scheme)}
          >
            {t(`app.appearance.${scheme}`)}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component="a" href="/api/docs" target="_blank" leftSection={<IconApi size={16} aria-hidden />}>
          {t('app.nav.api_docs')}
        </Menu.Item>
        {held !== null && <Account />}
      </Menu.Dropdown>
    </Menu>
  );
};

/** As whom the tab speaks to the gateway, and the end of it. */
const Account = () => {
  const { t } = useTranslation();
  const { data: session } = useSession();
  return (
    <>
      {session && (
        <Menu.Label>{t('app.role.of', { name: session.name, role: t(`app.role.${session.role}`) })}</Menu.Label>
      )}
      <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={token.forget}>
        {t('app.token.forget')}
      </Menu.Item>
    </>
  );
};
