ALTER TABLE projects DROP COLUMN kind;
ALTER TABLE projects RENAME TO research_projects;
