import { Badge, Group, type MantineColor, Tooltip } from '@mantine/core';
import type { BackupSummary, TrustState, VerifiedState } from '@pawvault/contracts';
import type { ReactElement } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';

const TRUST_COLORS: Record<TrustState, MantineColor> = {
  valid: 'green',
  unchecked: 'gray',
  mismatch: 'orange',
  unsigned: 'orange',
  unknown_scheme: 'orange',
};
const VERIFIED_COLORS: Record<VerifiedState, MantineColor> = { never: 'gray', ok: 'green', damaged: 'red' };

type Shown = Pick<BackupSummary, 'trust' | 'verified' | 'verified_at' | 'accepted_via_trust'>;

/** Whether a backup is sound, and whose it is; what each word means is told on hover and focus. */
export const StateBadges = ({ backup }: { backup: Shown }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const verified = t(`backups.verified.${backup.verified}`);
  const at =
    backup.verified_at === null ? verified : t('backups.verified_at', { at: formats.instant(backup.verified_at) });
  return (
    <Group gap={4}>
      <Explained text={at}>
        <Badge variant="light" color={VERIFIED_COLORS[backup.verified]} tabIndex={0}>
          {verified}
        </Badge>
      </Explained>
      <Explained text={t(`backups.trust_help.${backup.trust}`)}>
        <Badge variant="light" color={TRUST_COLORS[backup.trust]} tabIndex={0}>
          {t(`backups.trust_short.${backup.trust}`)}
        </Badge>
      </Explained>
      {backup.accepted_via_trust === true && (
        <Explained text={t('backups.trust_help.accepted')}>
          <Badge variant="default" tabIndex={0}>
            {t('backups.trust_short.accepted')}
          </Badge>
        </Explained>
      )}
    </Group>
  );
};

const Explained = ({ text, children }: { text: string; children: ReactElement }) => (
  <Tooltip label={text} multiline maw={320} events={{ hover: true, focus: true, touch: true }}>
    {children}
  </Tooltip>
);
