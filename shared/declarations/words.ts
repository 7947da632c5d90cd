import { groupListenerName } from '../config/group.ts';
import type { DeclarationStep } from './model.ts';

/** One line for the audit. */
export function describeStep(step: DeclarationStep): string {
  switch (step.kind) {
    case 'create':
      return `create vServer group ${step.name}`;
    case 'rename':
      return `name ${step.groupId} ${step.name}`;
    case 'tag':
      return `tag ${step.groupId} with ${step.tags.map(({ key, value }) => `${key}=${value}`).join(', ')}`;
    case 'untag':
      return `take the tags ${step.keys.join(', ')} off ${step.groupId}`;
    case 'point':
      return `point ${groupListenerName(step.listener)} at ${step.groupId}`;
    case 'point-rule':
      return `point ${step.ruleId} at ${step.groupId}`;
    case 'create-rule':
      return `create a rule of ${groupListenerName(step.listener)} for ${step.domain}${step.url} to ${step.groupId}`;
    case 'delete':
      return `delete ${step.groupId}`;
  }
}
