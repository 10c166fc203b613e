DROP TABLE agreement_team_members;
DROP TABLE agreements;
DROP TYPE agreement_reason;
DROP TYPE agreement_kind;
DROP TABLE project_team_leaders;
DROP TABLE research_projects;
