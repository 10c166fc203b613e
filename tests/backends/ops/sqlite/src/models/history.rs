//! What happened: events, requests for a change, and the histories made of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::enums::{ChangeRequestKind, ChangeRequestStatus, HistoryKind, Json, OpsEventStatus, OpsEventType};
use crate::models::agreements::{Agreement, BudgetLineItem};
use crate::models::cans::Can;
use crate::models::portfolios::Project;
use crate::schema::{agreement_history, can_history, change_requests, ops_events, project_history};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = ops_events, check_for_backend(diesel::sqlite::Sqlite))]
pub struct OpsEvent {
    pub id: i32,
    pub event_type: OpsEventType,
    pub event_status: OpsEventStatus,
    pub event_details: Json,
    pub created_by: Option<i32>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = ops_events)]
pub struct NewOpsEvent {
    pub event_type: OpsEventType,
    pub event_status: OpsEventStatus,
    pub event_details: Json,
    pub created_by: Option<i32>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = change_requests, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(BudgetLineItem))]
pub struct ChangeRequest {
    pub id: i32,
    pub kind: ChangeRequestKind,
    pub status: ChangeRequestStatus,
    pub agreement_id: Option<i32>,
    pub budget_line_item_id: Option<i32>,
    pub requested_change: Json,
    pub requested_change_diff: Option<Json>,
    pub requestor_notes: Option<String>,
    pub managing_division_id: Option<i32>,
    pub reviewed_by: Option<i32>,
    pub reviewed_on: Option<NaiveDateTime>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = change_requests)]
pub struct NewChangeRequest<'a> {
    pub kind: ChangeRequestKind,
    pub agreement_id: Option<i32>,
    pub budget_line_item_id: Option<i32>,
    pub requested_change: Json,
    pub requestor_notes: Option<&'a str>,
}

/// `treat_none_as_null`: a review writes all of its columns.
#[derive(Debug, AsChangeset)]
#[diesel(table_name = change_requests, treat_none_as_null = true)]
pub struct Review {
    pub status: ChangeRequestStatus,
    pub reviewed_by: Option<i32>,
    pub reviewed_on: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = agreement_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(OpsEvent))]
pub struct AgreementHistory {
    pub id: i32,
    pub agreement_id: Option<i32>,
    pub agreement_number: i32,
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    pub changes: Json,
    pub changed_by: Option<i32>,
    pub happened_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = can_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Can), belongs_to(OpsEvent))]
pub struct CanHistory {
    pub id: i32,
    pub can_id: i32,
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    pub fiscal_year: i32,
    pub changed_by: Option<i32>,
    pub happened_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = project_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Project), belongs_to(OpsEvent))]
pub struct ProjectHistory {
    pub id: i32,
    pub project_id: i32,
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    pub happened_on: NaiveDateTime,
}
