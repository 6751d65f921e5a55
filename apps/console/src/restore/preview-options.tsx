import { Checkbox, Fieldset, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { isForeign, type StepProps } from './restore-form';

/** What changes a preview that is already there: each choice asks for a new one. */
export const PreviewOptions = ({ backup, form, onChange }: Pick<StepProps, 'backup' | 'form' | 'onChange'>) => {
  const { t } = useTranslation();
  return (
    <Fieldset legend={t('restore.options.title')}>
      <Stack gap="sm">
        <Checkbox
          label={t('restore.options.clean')}
          description={t('restore.options.clean_text')}
          checked={form.clean}
          onChange={(event) => onChange({ clean: event.currentTarget.checked })}
        />
        {isForeign(backup) && (
          <Checkbox
            label={t('restore.options.links')}
            description={t('restore.options.links_text')}
            checked={form.outwardLinks}
            onChange={(event) => onChange({ outwardLinks: event.currentTarget.checked })}
          />
        )}
      </Stack>
    </Fieldset>
  );
};
