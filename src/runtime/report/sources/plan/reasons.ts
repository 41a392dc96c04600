import type { Finding } from '../../report';
import type { ResourceChange } from './plan-file';

/** Terraform's reasons for an action, as sentences. */
const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: 'It is replaced because Terraform marked it as tainted.',
  replace_because_cannot_update: 'It is replaced because Memphis cannot change it in place.',
  replace_by_request: 'It is replaced because -replace names it.',
  replace_by_triggers: 'It is replaced because something in its replace_triggered_by changes.',
  delete_because_no_resource_config: 'It is destroyed because the configuration no longer declares it.',
  delete_because_no_module: 'It is destroyed because the configuration no longer has its module.',
  delete_because_wrong_repetition:
    'It is destroyed because the resource gained or lost its count or for_each; a moved block keeps it.',
  delete_because_count_index: 'It is destroyed because count no longer includes its index.',
  delete_because_each_key: 'It is destroyed because for_each no longer includes its key.',
  delete_because_no_move_target:
    'It is destroyed because the configuration declares nothing at the address that it moves to.',
};

/** Why an action is taken; undefined where it needs no reason, or Terraform gives none. */
export function reasonFinding(reason: string | undefined, { change }: ResourceChange): Finding | undefined {
  const isPlainDestroy = change.actions.join() === 'delete';
  const message = reason === undefined ? undefined : (reasons[reason] ?? `Terraform's reason: ${reason}.`);
  if (message !== undefined) return { severity: 'note', code: codeOf(reason), message };
  return isPlainDestroy
    ? {
        severity: 'note',
        code: 'DESTROY',
        message: 'It is destroyed because the plan is one of terraform destroy.',
      }
    : undefined;
}

function codeOf(reason = ''): string {
  return reason.toUpperCase();
}
