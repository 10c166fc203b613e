ALTER TABLE projects DROP COLUMN kind;
DROP TYPE project_kind;

ALTER SEQUENCE projects_id_seq RENAME TO research_projects_id_seq;
ALTER TABLE projects RENAME CONSTRAINT projects_short_title_key TO research_projects_short_title_key;
ALTER TABLE projects RENAME CONSTRAINT projects_pkey TO research_projects_pkey;
ALTER TABLE projects RENAME TO research_projects;
