//! What happened: events, requests for a change, and the histories made of them.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{ChangeRequestKind, ChangeRequestStatus, HistoryKind, Json, OpsEventStatus, OpsEventType};
use crate::models::agreements::{Agreement, BudgetLineItem};
use crate::models::cans::Can;
use crate::models::portfolios::Project;
use crate::schema::{agreement_history, can_history, change_requests, ops_events, project_history};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = ops_events, check_for_backend(diesel::sqlite::Sqlite))]
#[ops(
    shared(Recorded),
    index(created_on desc),
    index(event_type, event_status, name = "ops_events_type_status_idx"),
    check("json_valid(event_details)"),
    check("event_type IN ('login_attempt', 'logout', 'create_agreement', 'update_agreement', 'delete_agreement', 'create_budget_line', 'update_budget_line', 'create_tracker', 'update_step')", name = "ops_events_type_check"),
    check("event_status IN ('success', 'failed', 'unknown')", name = "ops_events_status_check"),
)]
pub struct OpsEvent {
    #[ops(identity)]
    pub id: i32,
    pub event_type: OpsEventType,
    pub event_status: OpsEventStatus,
    #[ops(default = "'{}'")]
    pub event_details: Json,
    #[ops(references(users.id, on_delete = set_null))]
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = change_requests, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(BudgetLineItem))]
#[ops(
    shared(Recorded),
    index(agreement_id, created_on desc, name = "change_requests_agreement_id_idx"),
    check("kind IN ('agreement', 'budget', 'status')"),
    check("status IN ('in_review', 'approved', 'rejected')"),
    check("json_valid(requested_change)"),
    check("requested_change_diff IS NULL OR json_valid(requested_change_diff)"),
    check("agreement_id IS NOT NULL OR budget_line_item_id IS NOT NULL", name = "change_requests_target_check"),
    check("status = 'in_review' OR reviewed_on IS NOT NULL", name = "change_requests_review_check"),
)]
pub struct ChangeRequest {
    pub id: i32,
    pub kind: ChangeRequestKind,
    #[ops(default = "'in_review'")]
    pub status: ChangeRequestStatus,
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: Option<i32>,
    #[ops(references(budget_line_items.id, on_delete = cascade))]
    pub budget_line_item_id: Option<i32>,
    pub requested_change: Json,
    pub requested_change_diff: Option<Json>,
    pub requestor_notes: Option<String>,
    #[ops(index(name = "change_requests_open_idx", where = "status = 'in_review'"), references(divisions.id, on_delete = set_null))]
    pub managing_division_id: Option<i32>,
    #[ops(references(users.id, on_delete = set_null))]
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = agreement_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Agreement), belongs_to(OpsEvent))]
#[ops(
    index(agreement_number, happened_on desc, name = "agreement_history_latest_idx"),
    check("history_kind IN ('created', 'updated', 'deleted')"),
    check("json_valid(changes)"),
)]
pub struct AgreementHistory {
    #[ops(identity)]
    pub id: i32,
    #[ops(references(agreements.id, on_delete = set_null))]
    pub agreement_id: Option<i32>,
    pub agreement_number: i32,
    #[ops(references(ops_events.id))]
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    #[ops(default = "'[]'")]
    pub changes: Json,
    #[ops(references(users.id, on_delete = set_null))]
    pub changed_by: Option<i32>,
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub happened_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = can_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Can), belongs_to(OpsEvent))]
#[ops(check("history_kind IN ('created', 'updated', 'deleted')"))]
pub struct CanHistory {
    #[ops(identity)]
    pub id: i32,
    #[ops(references(cans.id, on_delete = cascade))]
    pub can_id: i32,
    #[ops(references(ops_events.id))]
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    pub fiscal_year: i32,
    #[ops(references(users.id, on_delete = set_null))]
    pub changed_by: Option<i32>,
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub happened_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = project_history, check_for_backend(diesel::sqlite::Sqlite))]
#[diesel(belongs_to(Project), belongs_to(OpsEvent))]
#[ops(
    index(project_id, happened_on desc, name = "project_history_latest_idx"),
    check("history_kind IN ('created', 'updated', 'deleted')"),
)]
pub struct ProjectHistory {
    #[ops(identity)]
    pub id: i32,
    #[ops(references(projects.id, on_delete = cascade))]
    pub project_id: i32,
    #[ops(references(ops_events.id))]
    pub ops_event_id: Option<i32>,
    pub history_kind: HistoryKind,
    pub title: String,
    pub message: String,
    #[ops(default = "CURRENT_TIMESTAMP")]
    pub happened_on: NaiveDateTime,
}
