//! Common accounting numbers (CANs) and the money behind them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::enums::{CanArrangement, FundingSource, TransferMethod};
use crate::models::portfolios::Portfolio;
use crate::schema::{can_funding_budgets, can_funding_details, can_funding_received, cans};

#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = can_funding_details, check_for_backend(diesel::pg::Pg))]
pub struct CanFundingDetails {
    pub id: i32,
    pub fund_code: String,
    pub fiscal_year: i32,
    pub allowance: Option<String>,
    pub sub_allowance: Option<String>,
    pub allotment: Option<String>,
    pub arrangement_type: Option<CanArrangement>,
    pub method_of_transfer: Option<TransferMethod>,
    pub funding_source: FundingSource,
    pub active_period: i32,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = cans, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Portfolio), belongs_to(CanFundingDetails, foreign_key = funding_details_id))]
pub struct Can {
    pub id: i32,
    pub number: String,
    pub description: Option<String>,
    pub nick_name: Option<String>,
    pub purpose: Option<String>,
    pub expires_on: Option<NaiveDate>,
    pub portfolio_id: i32,
    pub funding_details_id: Option<i32>,
    pub created_on: NaiveDateTime,
}

#[derive(Debug, Insertable)]
#[diesel(table_name = cans)]
pub struct NewCan<'a> {
    pub number: &'a str,
    pub description: Option<&'a str>,
    pub nick_name: Option<&'a str>,
    pub portfolio_id: i32,
}

#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = cans)]
pub struct CanChanges<'a> {
    pub description: Option<&'a str>,
    pub nick_name: Option<&'a str>,
    pub purpose: Option<&'a str>,
    pub portfolio_id: Option<i32>,
}

/// Without its money: `NUMERIC` needs a Diesel feature that is off here.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = can_funding_budgets, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Can))]
pub struct CanFundingBudget {
    pub id: i32,
    pub can_id: i32,
    pub fiscal_year: i32,
    pub notes: String,
    pub created_on: DateTime<Utc>,
}

#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Associations)]
#[diesel(table_name = can_funding_received, check_for_backend(diesel::pg::Pg))]
#[diesel(belongs_to(Can))]
pub struct CanFundingReceived {
    pub id: i32,
    pub can_id: i32,
    pub fiscal_year: i32,
    pub notes: String,
    pub created_on: DateTime<Utc>,
}
