-- Not every project is research: the table gets the general name.
ALTER TABLE research_projects RENAME TO projects;
ALTER TABLE projects ADD COLUMN kind TEXT NOT NULL DEFAULT 'research' CHECK (kind IN ('research', 'administrative'));
