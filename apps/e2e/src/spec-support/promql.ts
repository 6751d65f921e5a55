import { parser } from '@prometheus-io/lezer-promql';

interface Matcher {
  label: string;
  operator: string;
  value: string;
}

/** What an expression asks Prometheus for. */
export interface Query {
  /** Positions of what is no PromQL. */
  errors: number[];
  selectors: { metric: string; matchers: Matcher[] }[];
  /** Labels that it groups or joins by. */
  grouping: string[];
}

/** Reads an expression by the grammar of Prometheus; Grafana's variables for times stand for some time. */
export function parseQuery(text: string): Query {
  const expression = text.replace(/\$__\w+/g, '5m');
  const query: Query = { errors: [], selectors: [], grouping: [] };
  let inGrouping = false;
  parser.parse(expression).iterate({
    enter: ({ type, name, from, to }) => {
      const source = expression.slice(from, to);
      if (type.isError) query.errors.push(from);
      if (name === 'Identifier') query.selectors.push({ metric: source, matchers: [] });
      if (name === 'GroupingLabels') inGrouping = true;
      if (name === 'LabelName' && inGrouping) query.grouping.push(source);
      if (name === 'UnquotedLabelMatcher') query.selectors.at(-1)?.matchers.push(matcherOf(source));
    },
    leave: ({ name }) => {
      if (name === 'GroupingLabels') inGrouping = false;
    },
  });
  return query;
}

function matcherOf(source: string): Matcher {
  const [, label = '', operator = '', value = ''] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(source) ?? [];
  return { label, operator, value };
}
