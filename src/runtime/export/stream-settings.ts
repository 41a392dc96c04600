import { partitionText } from '../../model/names';
import type { UnusualSetting } from '../../model/stream-settings';
import { surplusSubjects, unusualSettings } from '../../model/stream-settings';
import type { StreamInfo } from '../admin';

/** The settings of a partition's stream that somebody made by hand and no declaration has. */
export function handMadeSettings(streams: readonly StreamInfo[]): string[] {
  return streams.flatMap(({ config }) => {
    const where = partitionText(config.name).replace(/ of station .*/, '');
    const settings = unusualSettings(config).filter(({ key }) => key !== 'subjects');
    const has = `${where} has stream settings that a declaration cannot hold`;
    const notes: string[] = [];
    const restored = settings.filter(({ permanent }) => permanent === undefined);
    if (restored.length > 0) notes.push(`${has}: ${texts(restored)}. The next deploy sets them back`);
    const permanent = settings.filter((setting) => setting.permanent !== undefined);
    if (permanent.length > 0)
      notes.push(`${has} and no server takes back: ${texts(permanent)}. A deploy keeps them`);
    const subjects = surplusSubjects(config);
    if (subjects.length > 0)
      notes.push(`${where} also takes messages from ${subjects.join(', ')}. The next deploy ends that`);
    return notes;
  });
}

function texts(settings: readonly UnusualSetting[]): string {
  return settings.map(({ text }) => text).join(', ');
}

/** The limits of a stream beside the one that its retention is declared with. */
export function furtherLimits({ config }: StreamInfo): string[] {
  const limits = [
    ...(config.max_age > 0 ? [`max_age = ${config.max_age / 1e9} s`] : []),
    ...(config.max_msgs > 0 ? [`max_msgs = ${config.max_msgs}`] : []),
    ...(config.max_bytes > 0 ? [`max_bytes = ${config.max_bytes}`] : []),
  ];
  return config.retention === 'interest' ? limits : limits.slice(1);
}
