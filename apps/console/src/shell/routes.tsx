import { Button } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Route, Switch, useLocation } from 'wouter';
import { BackupsPage } from '../backups/backups-page';
import { CreatePage } from '../create/create-page';
import { DetailsPage } from '../details/details-page';
import { ImportPage } from '../imports/import-page';
import { ImportViewPage } from '../imports/import-view-page';
import { JobPage } from '../jobs/job-page';
import { JobsPage } from '../jobs/jobs-page';
import { RestorePage } from '../restore/restore-page';
import { useMay } from '../widgets/allowed';
import { Nothing } from '../widgets/nothing';

/** Every page with its address; whatever a page is about stands in the address, so that a reload or a link leads back to it. */
export const Routes = () => {
  useTopOfNewPage();
  return (
    <Switch>
      <Route path="/" component={BackupsPage} />
      <Route path="/create">
        <ForOperators>
          <CreatePage />
        </ForOperators>
      </Route>
      <Route path="/backups/:id">{({ id }) => <DetailsPage key={id} id={id} />}</Route>
      <Route path="/backups/:id/restore">
        {({ id }) => (
          <ForOperators>
            <RestorePage key={id} id={id} />
          </ForOperators>
        )}
      </Route>
      <Route path="/import">
        <ForOperators>
          <ImportPage />
        </ForOperators>
      </Route>
      <Route path="/imports/:id">{({ id }) => <ImportViewPage key={id} id={id} />}</Route>
      <Route path="/jobs" component={JobsPage} />
      <Route path="/jobs/:id">{({ id }) => <JobPage key={id} id={id} />}</Route>
      <Route component={NotFound} />
    </Switch>
  );
};

function useTopOfNewPage(): void {
  const [path] = useLocation();
  useEffect(() => {
    // Without the braces the effect would return what newer browsers answer, a promise.
    void window.scrollTo(0, 0);
  }, [path]);
}

/** A link from somebody else may lead to a page that the reader's role has no use for. */
const ForOperators = ({ children }: { children: ReactNode }) =>
  useMay('operator') ? <>{children}</> : <Insufficient />;

const Insufficient = () => {
  const { t } = useTranslation();
  return <DeadEnd title={t('app.role.insufficient.title')} text={t('app.role.insufficient.text')} />;
};

const NotFound = () => {
  const { t } = useTranslation();
  return <DeadEnd title={t('app.not_found.title')} text={t('app.not_found.text')} />;
};

const DeadEnd = (props: { title: string; text: string }) => {
  const { t } = useTranslation();
  return (
    <Nothing {...props}>
      <Button component={Link} href="/">
        {t('app.not_found.action')}
      </Button>
    </Nothing>
  );
};
