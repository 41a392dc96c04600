import { bytesText, countText, secondsText } from '../../model/quantity-text';
import { Retention } from '../../model/retention';
import { DEFAULT_TAG } from '../../model/station';
import { Storage } from '../../model/storage';
import type { ListedSchema, ListedStation, ListedUser, Listing } from './listing';

/** One column of a table. */
interface Column<T> {
  readonly title: string;
  readonly cell: (row: T) => string;
  readonly isNumber?: true;
  /** Left out when no row has anything there. */
  readonly isOptional?: true;
}

const stationColumns: readonly Column<ListedStation>[] = [
  { title: 'STATION', cell: ({ name }) => name },
  { title: 'PARTITIONS', cell: partitionsText, isNumber: true },
  { title: 'RETENTION', cell: retentionText },
  { title: 'STORAGE', cell: ({ storageType }) => (storageType === Storage.MEMORY ? 'memory' : 'disk') },
  {
    title: 'REPLICAS',
    cell: ({ replicas }) => (replicas > 1 ? String(replicas) : ''),
    isOptional: true,
    isNumber: true,
  },
  { title: 'SCHEMA', cell: schemaText, isOptional: true },
  { title: 'DEAD LETTERS', cell: ({ dlsStation = '' }) => dlsStation, isOptional: true },
  { title: 'MESSAGES', cell: ({ messages }) => countText(messages), isNumber: true },
  { title: 'SIZE', cell: ({ bytes }) => bytesText(bytes), isNumber: true },
  { title: 'GROUPS', cell: ({ consumerGroups }) => countText(consumerGroups), isNumber: true },
  { title: 'OWNER', cell: ({ owner = '' }) => owner, isOptional: true },
  { title: 'TAGS', cell: tagsText, isOptional: true },
];

const schemaColumns: readonly Column<ListedSchema>[] = [
  { title: 'SCHEMA', cell: ({ name }) => name },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'VERSION', cell: ({ version }) => String(version), isNumber: true },
  { title: 'STATIONS', cell: ({ stations }) => countText(stations.length), isNumber: true },
  { title: 'OWNER', cell: ({ owner = '' }) => owner, isOptional: true },
];

const userColumns: readonly Column<ListedUser>[] = [
  { title: 'USER', cell: ({ name }) => name },
  { title: 'TYPE', cell: ({ type }) => type },
  { title: 'READS', cell: (user) => permissionText(user, user.allowReadPermissions) },
  { title: 'WRITES', cell: (user) => permissionText(user, user.allowWritePermissions) },
  { title: 'DESCRIPTION', cell: ({ description }) => description, isOptional: true },
  { title: 'OWNER', cell: ({ owner = '' }) => owner, isOptional: true },
];

interface GroupRow {
  readonly station: string;
  readonly group: string;
  readonly backlog: number;
}

const groupColumns: readonly Column<GroupRow>[] = [
  { title: 'STATION', cell: ({ station }) => station },
  { title: 'CONSUMER GROUP', cell: ({ group }) => group },
  { title: 'BACKLOG', cell: ({ backlog }) => countText(backlog), isNumber: true },
];

/** A listing as aligned tables, one below the other. */
export function listingText({ stations, schemas, users }: Listing): string {
  const groups = stations.flatMap((station) =>
    (station.groups ?? []).map(({ name, ...counts }) => ({ station: station.name, group: name, ...counts })),
  );
  const tables = [
    table(stationColumns, stations),
    table(groupColumns, groups),
    table(schemaColumns, schemas),
    table(userColumns, users),
  ];
  return tables.filter((text) => text !== '').join('\n');
}

function table<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  if (rows.length === 0) return '';
  const filled = columns
    .map((column) => ({ ...column, cells: rows.map(column.cell).map(inOneCell) }))
    .filter(({ isOptional, cells }) => isOptional !== true || cells.some((cell) => cell !== ''))
    .map((column) => ({
      ...column,
      width: column.cells.reduce((width, cell) => Math.max(width, cell.length), column.title.length),
    }));
  const line = (cells: readonly string[]): string =>
    filled
      .map(({ isNumber, width }, index) => padded(cells[index] ?? '', width, isNumber === true))
      .join('  ')
      .trimEnd();
  const lines = rows.map((_, row) => line(filled.map(({ cells }) => cells[row] ?? '')));
  return `${[line(filled.map(({ title }) => title)), ...lines].join('\n')}\n`;
}

function padded(cell: string, width: number, isNumber: boolean): string {
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

/** Tags may hold anything, also what would move the cursor of a terminal. */
function inOneCell(cell: string): string {
  return cell.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ');
}

function partitionsText({ partitions, intact }: ListedStation): string {
  return intact ? String(partitions.length) : `${partitions.length} (damaged)`;
}

/** `7 d`, `100,000 messages`, `512.0 MiB` */
function retentionText({
  retentionType,
  retentionValue,
}: Pick<ListedStation, 'retentionType' | 'retentionValue'>): string {
  switch (retentionType) {
    case Retention.ACK_BASED:
      return 'until acknowledged';
    case Retention.MESSAGES:
      return `${countText(retentionValue)} messages`;
    case Retention.BYTES:
      return bytesText(retentionValue);
    case Retention.MAX_MESSAGE_AGE_SECONDS:
      return retentionValue === 0 ? 'unlimited' : secondsText(retentionValue);
  }
}

/** `all`, `none`, or the names and patterns. A management user has none of a client's permissions. */
function permissionText(user: ListedUser, list: readonly string[]): string {
  if (user.type === 'management') return '';
  const isLimited = user.allowReadPermissions.length + user.allowWritePermissions.length > 0;
  if (list.length > 5) return `${list.slice(0, 5).join(', ')} and ${list.length - 5} more`;
  return list.length > 0 ? list.join(', ') : isLimited ? 'none' : 'all';
}

function schemaText({ schemaName = '', schemaVersion }: ListedStation): string {
  return schemaVersion === undefined ? schemaName : `${schemaName} v${schemaVersion}`;
}

function tagsText({ tags = [] }: ListedStation): string {
  return tags.length === 1 && tags[0] === DEFAULT_TAG ? '' : tags.join(', ');
}
