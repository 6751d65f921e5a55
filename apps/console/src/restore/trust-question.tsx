import { Alert, Button, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconShieldQuestion } from '@tabler/icons-react';
import type { TrustMode } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface TrustQuestionProps {
  asked: TrustMode;
  onTrust: () => void;
}

/** Asks somebody to vouch for an archive that nothing here proves, after saying what that means. */
export const TrustQuestion = ({ asked, onTrust }: TrustQuestionProps) => {
  const { t } = useTranslation();
  const [vouched, setVouched] = useState(false);
  return (
    <Alert
      color="orange"
      variant="light"
      role="alert"
      icon={<IconShieldQuestion aria-hidden />}
      title={t(`trust.${asked}.title`)}
    >
      <Stack gap="sm">
        <Text size="sm">{t(`trust.${asked}.text`)}</Text>
        <Text size="sm">{t('trust.meaning')}</Text>
        <Checkbox
          label={t('trust.vouch')}
          checked={vouched}
          onChange={(event) => setVouched(event.currentTarget.checked)}
        />
        <Group>
          <Button size="sm" disabled={!vouched} onClick={onTrust}>
            {t('trust.accept')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
};
