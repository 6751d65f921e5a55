import { Box } from '@mantine/core';
import { Fragment, type ReactNode } from 'react';
import classes from './fact-list.module.css';

export type Fact = readonly [name: string, value: ReactNode];

/** Names and values, beside each other where there is room. What is `false` or null is left out. */
export const FactList = ({ facts }: { facts: readonly (Fact | false | null)[] }) => (
  <Box component="dl" className={classes.list}>
    {facts.map(
      (fact) =>
        fact && (
          <Fragment key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd className="any-break">{fact[1]}</dd>
          </Fragment>
        ),
    )}
  </Box>
);
