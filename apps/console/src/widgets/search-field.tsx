import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';

interface SearchFieldProps {
  /** Says what is searched; stands in the field while it is empty. */
  label: string;
  hint?: string;
  value: string;
  onChange: (value: string) => void;
  maxLength?: number;
  /** In pixels; where there is less beside it, it takes a line of its own. */
  minWidth?: number;
  rightSection?: ReactNode;
}

export const SearchField = ({ label, hint = label, minWidth = 160, onChange, ...rest }: SearchFieldProps) => (
  <TextInput
    type="search"
    aria-label={label}
    placeholder={hint}
    leftSection={<IconSearch size={16} aria-hidden />}
    onChange={(event) => onChange(event.currentTarget.value)}
    flex={1}
    miw={minWidth}
    {...rest}
  />
);
