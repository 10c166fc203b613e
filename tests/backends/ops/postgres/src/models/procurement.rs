//! Who buys for us, at what fee, and how far a purchase is.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;
use ops_migrate_derive::OpsModel;

use crate::enums::{ProcurementActionStatus, ProcurementActionType, TrackerStatus};
use crate::models::agreements::Agreement;
use crate::schema::{
    procurement_actions, procurement_shop_fees, procurement_shops, procurement_steps, procurement_trackers,
};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, OpsModel)]
#[diesel(table_name = procurement_shops, check_for_backend(diesel::pg::Pg))]
pub struct ProcurementShop {
    #[ops(sequence)]
    pub id: i32,
    pub name: String,
    #[ops(max_length = 10, unique)]
    pub abbreviation: String,
}

/// Without its money: `NUMERIC` needs a Diesel feature that is off here.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = procurement_shop_fees, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(ProcurementShop))]
#[ops(shared(Created), column(fee, precision(5, 2)), check("fee BETWEEN 0 AND 100"))]
pub struct ProcurementShopFee {
    pub id: i32,
    #[ops(index(name = "procurement_shop_fees_current_idx", unique, where = "ends_on IS NULL"), references(procurement_shops.id, on_delete = cascade))]
    pub procurement_shop_id: i32,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = procurement_trackers, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement))]
#[ops(shared(Recorded))]
pub struct ProcurementTracker {
    #[ops(sequence)]
    pub id: i32,
    #[ops(unique, references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(default = "'pending'")]
    pub status: TrackerStatus,
    pub active_step: Option<i32>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = procurement_steps, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(ProcurementTracker, foreign_key = tracker_id), belongs_to(ProcurementAction))]
#[ops(unique(tracker_id, step_number), check("step_number BETWEEN 1 AND 6"))]
pub struct ProcurementStep {
    #[ops(sequence)]
    pub id: i32,
    #[ops(references(procurement_trackers.id, on_delete = cascade))]
    pub tracker_id: i32,
    #[ops(references(procurement_actions.id, on_delete = set_null))]
    pub procurement_action_id: Option<i32>,
    pub step_number: i16,
    #[ops(default = "'pending'")]
    pub status: TrackerStatus,
    pub notes: Option<String>,
    #[ops(references(users.id, on_delete = set_null))]
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

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations, OpsModel)]
#[diesel(table_name = procurement_actions, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Agreement), belongs_to(ProcurementShop))]
#[ops(
    shared(Created),
    check("status <> 'awarded' OR awarded_on IS NOT NULL", name = "procurement_actions_award_check")
)]
pub struct ProcurementAction {
    pub id: i32,
    #[ops(default = "nextval('award_number_seq')", unique)]
    pub award_number: i32,
    #[ops(references(agreements.id, on_delete = cascade))]
    pub agreement_id: i32,
    #[ops(references(procurement_shops.id))]
    pub procurement_shop_id: Option<i32>,
    pub action_type: ProcurementActionType,
    #[ops(default = "'planned'")]
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
