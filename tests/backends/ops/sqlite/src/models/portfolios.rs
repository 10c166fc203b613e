//! Divisions, their portfolios, and the projects that agreements serve.

use chrono::NaiveDate;
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{Json, PortfolioStatus, ProjectKind};
use crate::models::people::User;
use crate::schema::{divisions, portfolio_team_leaders, portfolios, project_team_leaders, projects};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = divisions, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Division {
    pub id: i32,
    pub name: String,
    #[ops(max_length = 10, unique)]
    pub abbreviation: String,
    #[ops(references(users.id))]
    pub director_id: Option<i32>,
    #[ops(references(users.id))]
    pub deputy_director_id: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = portfolios, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Division))]
#[ops(check("status IN ('not_started', 'in_process', 'sandbox')"), check("json_valid(urls)"))]
pub struct Portfolio {
    pub id: i32,
    pub name: String,
    #[ops(max_length = 20)]
    pub abbreviation: Option<String>,
    #[ops(default = "'in_process'")]
    pub status: PortfolioStatus,
    pub description: Option<String>,
    #[ops(references(divisions.id))]
    pub division_id: i32,
    #[ops(default = "'[]'")]
    pub urls: Json,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = portfolios)]
pub struct NewPortfolio<'a> {
    pub name: &'a str,
    pub abbreviation: Option<&'a str>,
    pub division_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = portfolio_team_leaders, primary_key(portfolio_id, user_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Portfolio), belongs_to(User))]
pub struct PortfolioTeamLeader {
    #[ops(references(portfolios.id, on_delete = cascade))]
    pub portfolio_id: i32,
    #[ops(references(users.id, on_delete = cascade))]
    pub user_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = projects, check_for_backend(diesel::sqlite::Sqlite))]
#[ops(check("kind IN ('research', 'administrative')"))]
pub struct Project {
    pub id: i32,
    pub title: String,
    #[ops(unique)]
    pub short_title: String,
    pub description: Option<String>,
    pub url: Option<String>,
    pub originated_on: Option<NaiveDate>,
    #[ops(default = "'[]'")]
    pub methodologies: Json,
    #[ops(default = "'research'")]
    pub kind: ProjectKind,
}

#[derive(Debug, Insertable, AsChangeset)]
#[diesel(table_name = projects)]
pub struct ProjectForm<'a> {
    pub title: &'a str,
    pub short_title: &'a str,
    pub description: Option<&'a str>,
    pub kind: Option<ProjectKind>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations, OpsModel)]
#[diesel(table_name = project_team_leaders, primary_key(project_id, user_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Project), belongs_to(User))]
pub struct ProjectTeamLeader {
    #[ops(references(projects.id, on_delete = cascade))]
    pub project_id: i32,
    #[ops(references(users.id, on_delete = cascade))]
    pub user_id: i32,
}
