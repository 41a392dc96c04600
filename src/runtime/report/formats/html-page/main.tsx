/** Starts the page: reads the report that stands in it, draws it, and asks the server for newer ones where there is one. */
import { render } from 'preact';
import type { Report } from '../../report';
import { Page } from './page';
import { printableReport } from './printable-report';

const root = document.getElementById('page');
const embedded = document.getElementById('report')?.textContent;
if (root !== null && embedded !== undefined) {
  const source = document.querySelector<HTMLMetaElement>('meta[name="report-source"]')?.content;
  render(
    <Page
      initial={printableReport(JSON.parse(embedded) as Report)}
      {...(source === undefined ? {} : { source })}
    />,
    root,
  );
}
