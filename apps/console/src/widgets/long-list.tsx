import { Anchor, List } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** More than this is folded: nobody looks for one among sixty that are all fine. */
const SHOWN = 10;

/** Short values below each other; of many, the first ones and a button for the others. */
export const LongList = ({ items }: { items: readonly string[] }): ReactNode => {
  const { t } = useTranslation();
  const [open, setOpen] = useState(items.length <= SHOWN + 1);
  return (
    <List size="sm" listStyleType="none">
      {(open ? items : items.slice(0, SHOWN)).map((item, index) => (
        <List.Item key={index} className="any-break">
          {item}
        </List.Item>
      ))}
      {!open && (
        <List.Item>
          <Anchor component="button" type="button" size="sm" onClick={() => setOpen(true)}>
            {t('app.more_of', { count: items.length - SHOWN })}
          </Anchor>
        </List.Item>
      )}
    </List>
  );
};
