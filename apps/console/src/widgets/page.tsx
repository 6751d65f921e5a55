import { Anchor, Container, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'wouter';

export interface PageProps {
  title: string;
  /** Behind the title, dimmed: what it counts or belongs to. */
  aside?: ReactNode;
  /** The page that this one was reached from. */
  back?: { href: string; label: string };
  actions?: ReactNode;
  /** Widest line, as Mantine names it. Texts and forms are read best in narrow ones. */
  size?: 'sm' | 'md' | 'xl';
  children: ReactNode;
}

/** The frame of every page: what it is, where it was reached from, and what can be done on it. */
export const Page = ({ title, aside, back, actions, size = 'md', children }: PageProps) => {
  useEffect(() => {
    document.title = `${title} · PawVault`;
  }, [title]);
  return (
    <Container size={size} py="lg" px={{ base: 'sm', sm: 'md' }}>
      <Stack gap="lg">
        <Stack gap={4}>
          {back && (
            <Anchor component={Link} href={back.href} size="sm" w="fit-content">
              <Group gap={4} component="span">
                <IconArrowLeft size={16} aria-hidden />
                {back.label}
              </Group>
            </Anchor>
          )}
          <Group justify="space-between" align="center">
            <Group gap="sm" align="baseline">
              <Title order={1} size="h2" className="any-break">
                {title}
              </Title>
              {aside !== undefined && (
                <Text c="dimmed" size="sm" component="div">
                  {aside}
                </Text>
              )}
            </Group>
            {actions !== undefined && <Group gap="xs">{actions}</Group>}
          </Group>
        </Stack>
        {children}
      </Stack>
    </Container>
  );
};
