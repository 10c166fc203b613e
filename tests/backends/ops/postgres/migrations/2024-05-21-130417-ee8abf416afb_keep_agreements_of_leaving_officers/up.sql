ALTER TABLE agreements DROP CONSTRAINT agreements_project_officer_id_fkey;
ALTER TABLE agreements ADD CONSTRAINT agreements_project_officer_id_fkey
    FOREIGN KEY (project_officer_id) REFERENCES users (id) ON DELETE SET NULL;
