//! Who buys for us, at what fee, and how far a purchase is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::enums::{ProcurementActionStatus, ProcurementActionType, TrackerStatus};
use crate::models::agreements::Agreement;
use crate::schema::{
    procurement_actions, procurement_shop_fees, procurement_shops, procurement_steps, procurement_trackers,
};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = procurement_shops, check_for_backend(diesel::pg::Pg))]
pub struct ProcurementShop {
    pub id: i32,
    pub name: String,
    pub abbreviation: String,
}

/// Without its money: `NUMERIC` needs a Diesel feature that is off here.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = procurement_shop_fees, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(ProcurementShop))]
pub struct ProcurementShopFee {
    pub id: i32,
    pub procurement_shop_id: i32,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = procurement_trackers, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement))]
pub struct ProcurementTracker {
    pub id: i32,
    pub agreement_id: i32,
    pub status: TrackerStatus,
    pub active_step: Option<i32>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = procurement_steps, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(ProcurementTracker, foreign_key = tracker_id), belongs_to(ProcurementAction))]
pub struct ProcurementStep {
    pub id: i32,
    pub tracker_id: i32,
    pub procurement_action_id: Option<i32>,
    pub step_number: i16,
    pub status: TrackerStatus,
    pub notes: Option<String>,
    pub completed_by: Option<i32>,
    pub completed_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Default, AsChangeset)]
#[diesel(table_name = procurement_steps)]
pub struct StepChanges {
    pub status: Option<TrackerStatus>,
    pub notes: Option<String>,
    pub completed_by: Option<i32>,
    pub completed_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = procurement_actions, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(ProcurementShop))]
pub struct ProcurementAction {
    pub id: i32,
    pub award_number: i32,
    pub agreement_id: i32,
    pub procurement_shop_id: Option<i32>,
    pub action_type: ProcurementActionType,
    pub status: ProcurementActionStatus,
    pub award_total: Option<f64>,
    pub awarded_on: Option<NaiveDate>,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = procurement_actions)]
pub struct NewProcurementAction {
    pub agreement_id: i32,
    pub procurement_shop_id: Option<i32>,
    pub action_type: ProcurementActionType,
}
