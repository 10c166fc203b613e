-- Not every project is research: the table gets the general name.
ALTER TABLE research_projects RENAME TO projects;
ALTER TABLE projects RENAME CONSTRAINT research_projects_pkey TO projects_pkey;
ALTER TABLE projects RENAME CONSTRAINT research_projects_short_title_key TO projects_short_title_key;
ALTER SEQUENCE research_projects_id_seq RENAME TO projects_id_seq;

CREATE TYPE project_kind AS ENUM ('research', 'administrative');
ALTER TABLE projects ADD COLUMN kind project_kind NOT NULL DEFAULT 'research';
