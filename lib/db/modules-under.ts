/** SQL for the numbers of the modules at or below a prefix, from the placeholders of the project and of the prefix. */
export function modulesUnder(project: string, prefix: string): string {
  return `ARRAY(SELECT id FROM name WHERE project_id = ${project} AND kind = 'module'
    AND (value = ${prefix} OR starts_with(value, ${prefix} || '/')))`;
}
