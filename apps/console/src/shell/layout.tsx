import { AppShell, Button, Container, Group, Text, UnstyledButton, VisuallyHidden } from '@mantine/core';
import { type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useRoute } from 'wouter';
import { SettingsMenu } from './settings-menu';

export const Layout = ({ children }: { children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <AppShell header={{ height: 56 }} padding={0}>
      <a href="#content" className="skip-link">
        {t('app.skip_to_content')}
      </a>
      <AppShell.Header>
        <Container size="xl" h="100%" px={{ base: 'sm', sm: 'md' }}>
          <Group h="100%" justify="space-between" wrap="nowrap">
            <Group gap="md" wrap="nowrap">
              <Home />
              <Group component="nav" gap={4} wrap="nowrap" aria-label={t('app.navigation')}>
                <Place href="/" pattern="/" label={t('app.nav.backups')} />
                <Place href="/jobs" pattern="/jobs/*?" label={t('app.nav.jobs')} />
              </Group>
            </Group>
            <SettingsMenu />
          </Group>
        </Container>
      </AppShell.Header>
      <AppShell.Main id="content" tabIndex={-1}>
        {children}
      </AppShell.Main>
    </AppShell>
  );
};

const Home = () => (
  <UnstyledButton component={Link} href="/">
    <Group gap="xs" wrap="nowrap">
      <img src="/favicon.svg" width={28} height={28} alt="" />
      <Text fw={700} visibleFrom="sm">
        PawVault
      </Text>
      <VisuallyHidden hiddenFrom="sm">PawVault</VisuallyHidden>
    </Group>
  </UnstyledButton>
);

const Place = ({ href, pattern, label }: { href: string; pattern: string; label: string }) => {
  const [here] = useRoute(pattern);
  return (
    <Button
      component={Link}
      href={href}
      size="compact-md"
      variant={here ? 'light' : 'subtle'}
      {...(here ? { 'aria-current': 'page' } : { color: 'gray', c: 'inherit' })}
    >
      {label}
    </Button>
  );
};
