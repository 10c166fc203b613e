//! Divisions, their portfolios, and the projects that agreements serve.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::enums::{Json, PortfolioStatus, ProjectKind};
use crate::models::people::User;
use crate::schema::{divisions, portfolio_team_leaders, portfolios, project_team_leaders, projects};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = divisions, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Division {
    pub id: i32,
    pub name: String,
    pub abbreviation: String,
    pub director_id: Option<i32>,
    pub deputy_director_id: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = portfolios, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Division))]
pub struct Portfolio {
    pub id: i32,
    pub name: String,
    pub abbreviation: Option<String>,
    pub status: PortfolioStatus,
    pub description: Option<String>,
    pub division_id: i32,
    pub urls: Json,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = portfolios)]
pub struct NewPortfolio<'a> {
    pub name: &'a str,
    pub abbreviation: Option<&'a str>,
    pub division_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = portfolio_team_leaders, primary_key(portfolio_id, user_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Portfolio), belongs_to(User))]
pub struct PortfolioTeamLeader {
    pub portfolio_id: i32,
    pub user_id: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = projects, check_for_backend(diesel::sqlite::Sqlite))]
pub struct Project {
    pub id: i32,
    pub title: String,
    pub short_title: String,
    pub description: Option<String>,
    pub url: Option<String>,
    pub originated_on: Option<NaiveDate>,
    pub methodologies: Json,
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = project_team_leaders, primary_key(project_id, user_id), check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Project), belongs_to(User))]
pub struct ProjectTeamLeader {
    pub project_id: i32,
    pub user_id: i32,
}
