DROP TABLE agreement_team_members;
DROP TABLE agreements;
DROP TABLE project_team_leaders;
DROP TABLE research_projects;
